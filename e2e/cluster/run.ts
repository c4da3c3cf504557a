// Prints a table of faults and what was found: npm run cluster -- [runs] [part of a fault's name]
import { FAULTS } from "./faults.ts";
import { World } from "./world.ts";

const [runs = "10", part = ""] = Bun.argv.slice(2);

for (const fault of Object.keys(FAULTS).filter((name) => name.includes(part))) {
  for (let run = 1; run <= Number(runs); run++) {
    // A new one each time: streams keep 1024 messages.
    await using world = await World.start(fault);
    const { findings, ...rest } = await world.run(fault, 1000, 1000);
    const files = await world.files();
    process.stdout.write(`${JSON.stringify({ fault, run, ...rest, ...findings, files })}\n`);
  }
}
