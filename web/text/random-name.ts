/** No word makes an awkward pair with one of the second list. */
const FIRST =
  "amber autumn azure brave breezy bright brisk calm cedar cheery clear clever cloudy coral cosmic cozy crisp dapper dawn dewy eager early fern frosty gentle glad golden happy hazel hilly indigo jade jolly keen kind lemon lilac linen lively lucky lunar maple mellow merry mint misty mossy nimble noble ocean olive opal patient pearl polar prairie proud quick quiet rapid river rosy sage sandy shiny silent silver solar spry starry steady summer sunny swift tidal tidy velvet vivid warm windy winter witty woven zesty";

const SECOND =
  "badger bison condor crane curlew dolphin dove egret falcon ferret finch firefly fox gecko gull hare hedgehog heron ibis jay kestrel kiwi koala lark lemur linnet llama lynx magpie marmot marten moose moth narwhal newt ocelot orca osprey otter owl panda pelican penguin petrel pika plover puffin quail raven robin salmon seal sparrow starling stork swan tapir tern toad tortoise trout turtle vole walrus whale wombat wren yak zebra";

/** A name for a public stream that can be said aloud and remembered: amber-otter-42. No secret: a few hundred thousand are possible. */
export function randomName(): string {
  return `${pick(FIRST.split(" "))}-${pick(SECOND.split(" "))}-${10 + below(90)}`;
}

function pick(words: readonly string[]): string {
  return words[below(words.length)] ?? "";
}

function below(limit: number): number {
  return Math.floor(Math.random() * limit);
}
