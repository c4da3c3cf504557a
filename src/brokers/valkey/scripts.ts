/** A Lua script that the engine runs as one step. */
export interface Script {
  readonly source: string;
  /** What the engine calls it, once it has seen the source. */
  readonly sha: string;
}

/**
 * What all scripts begin with. `KEYS[1]` is the key `g` of the group, without which a cluster could not route the script; the others are made
 * from it and are in the same slot. Numbers are written with `%.0f`, because Lua's own conversion rounds them to 14 digits.
 *
 * The last argument but one tells whether the group was in use before, so that a node without it has lost it: if it was a primary that was
 * started again, it may not know yet that another took its place. The last argument is when the server gives up waiting for the answer. A script that runs later does nothing: the node was stopped for a
 * while, another may have taken its place, and the server repeats there what it asked for.
 *
 * Keys of a group:
 *
 * - `g`: hash. `last`: the newest number that was given out; `forgotten`: streams deleted up to here may have been forgotten;
 *   `rotated`: `last` when `gone:1` was begun.
 * - `s:NAME`: stream of messages, by number. An entry is `previous nonce\ncontent`.
 * - `i:NAME`: hash. `ttl` in seconds, `private`, `owner`: hash of the token, `nonce` of the creator, `created`, `updated`,
 *   `newest`: newest message ever, `deadline` in microseconds.
 * - `pub`: sorted set of public streams by newest message. `lex`: the same by name. `due`: all streams by deadline.
 * - `gone:0`, `gone:1`: newest messages of deleted streams by hash of the name. `hid`: hashes of deleted private names.
 * - `r:0`, `r:1`: refs by hash.
 * - `c:NAME`: channel of news.
 */
const PRELUDE = `
local base, name, salt = string.sub(KEYS[1], 1, -3), ARGV[1], ARGV[2]
local call = redis.call
local messages, info, channel = base..':s:'..name, base..':i:'..name, base..':c:'..name
local function digits(number) return string.format('%.0f', number) end
local now = tonumber(ARGV[3])
if not now then
  local time = call('TIME')
  now = time[1] * 1000000 + time[2]
  local latest = tonumber(ARGV[#ARGV])
  if latest and now > latest then return redis.error_reply('LATE sent too long ago') end
end
local known = call('HMGET', base..':g', 'last', 'forgotten')
local last, forgotten = tonumber(known[1]), tonumber(known[2])
local is_new = not last
if is_new then
  if ARGV[#ARGV - 1] == '1' then return redis.error_reply('EMPTY the group was in use') end
  last = now
  forgotten = now
end
local function number(value)
  last = value
  if is_new then
    call('HSET', base..':g', 'last', digits(value), 'forgotten', digits(forgotten))
    is_new = false
  else
    call('HSET', base..':g', 'last', digits(value))
  end
end
local function hashed(text) return string.sub(redis.sha1hex(salt..text), 1, 24) end
local function is_unlisted()
  local first = string.sub(name, 1, 1)
  return first == '.' or first == '~'
end
`;

/** Moves the group's position to now, so that later messages are later than what a reader was told. */
const POSITION = `
local refusal = ''
local function position()
  local to = math.max(now, last)
  if to > last or is_new then
    local before = last
    -- Refused while memory is full or replicas are missing: then the newest number has to do.
    local done, failure = pcall(number, to)
    if not done then
      last = before
      refusal = type(failure) == 'table' and failure.err or failure
    end
  end
  return last
end
`;

/** Finds the newest message of a deleted stream. */
const DELETED_UP_TO = `
local function deleted_up_to()
  local id = hashed(name)
  return tonumber(call('HGET', base..':gone:0', id) or call('HGET', base..':gone:1', id)) or forgotten
end
`;

/** Finds a stream that has not expired: its fields, or nil and where an earlier one ended. */
const FIND = `
local function find()
  local found = call('HMGET', info, 'ttl', 'deadline', 'newest', 'private', 'owner', 'nonce', 'created')
  if not found[1] then return nil, deleted_up_to() end
  local stream = {
    ttl = tonumber(found[1]), deadline = tonumber(found[2]), newest = tonumber(found[3]),
    is_private = found[4] == '1', owner = found[5], nonce = found[6], created = tonumber(found[7]),
  }
  if stream.deadline <= now then return nil, stream.newest, stream end
  return stream, stream.newest
end
`;

/** Refs of an age are forgotten in one step; so are deleted streams. */
const ROTATE = `
local function rotate(kind, most)
  local current = base..':'..kind..':0'
  if call('HLEN', current) < most then return false end
  call('RENAME', current, base..':'..kind..':1')
  return true
end
`;

/** Deletes a stream and tells its listeners. `MOST_GONE` deleted streams of a group are remembered, twice as many at most. */
const BURY = `
local MOST_GONE, MOST_HIDDEN, DAY = 1024, 1024, 86400000000
local function bury(stream, reason)
  call('DEL', messages, info)
  call('ZREM', base..':due', name)
  if stream.is_private then
    if not is_unlisted() then
      local hidden = base..':hid'
      call('ZADD', hidden, digits(now + DAY), hashed(name))
      call('ZREMRANGEBYSCORE', hidden, '-inf', digits(now))
      call('ZREMRANGEBYRANK', hidden, 0, -MOST_HIDDEN - 1)
    end
  else
    call('ZREM', base..':pub', name)
    call('ZREM', base..':lex', name)
  end
  if call('HLEN', base..':gone:0') >= MOST_GONE then
    forgotten = math.max(forgotten, tonumber(call('HGET', base..':g', 'rotated') or '0'))
    rotate('gone', MOST_GONE)
    call('HSET', base..':g', 'rotated', digits(last), 'forgotten', digits(forgotten))
  end
  call('HSET', base..':gone:0', hashed(name), digits(stream.newest))
  call('SPUBLISH', channel, 'ended '..reason)
end
`;

/** Creates a stream. The first write is one that the engine refuses when memory is full, so that nothing is half done. */
const CREATE = `
-- A stream whose Malten servers are all gone is deleted by the engine itself, this much later.
local GRACE = 120
-- A whole millisecond, as the engine's own expiry has it.
local function deadline_of(ttl) return now - now % 1000 + ttl * 1000000 end
local function create(ttl, is_private, owner, nonce, newest)
  number(math.max(now, last + 1))
  local deadline = deadline_of(ttl)
  call('HSET', info, 'ttl', ttl, 'deadline', digits(deadline), 'newest', digits(newest), 'private', is_private and '1' or '0',
    'owner', owner, 'nonce', nonce, 'created', digits(last))
  call('EXPIRE', info, ttl + GRACE)
  call('ZADD', base..':due', digits(deadline), name)
  if not is_private then
    call('ZADD', base..':pub', digits(last), name)
    call('ZADD', base..':lex', 0, name)
  end
  return { ttl = ttl, deadline = deadline, newest = newest, is_private = is_private, owner = owner, nonce = nonce, created = last }
end
`;

function script(...parts: readonly string[]): Script {
  const source = [PRELUDE, ...parts].join("");
  return { source, sha: new Bun.CryptoHasher("sha1").update(source).digest("hex") };
}

/**
 * ARGV: name, salt, time, default ttl, may it create, ref, nonce, is it sent again, content.
 * Returns `ok`, created, previous; `absent`; `reused`.
 */
export const PUBLISH = script(
  DELETED_UP_TO,
  FIND,
  ROTATE,
  BURY,
  CREATE,
  `
local ttl, may_create, ref, nonce, is_again, content = tonumber(ARGV[4]), ARGV[5], ARGV[6], ARGV[7], ARGV[8], ARGV[9]
local REMEMBERED, MOST_REFS, MOST_MESSAGES = 120000000, 4096, 1024
local ref_id, content_id
if ref ~= '' then
  -- A slash is in no name.
  ref_id = hashed(name..'/'..ref)
  content_id = hashed(content)
  local kept = call('HGET', base..':r:0', ref_id) or call('HGET', base..':r:1', ref_id)
  if kept then
    local created, checked, at = string.match(kept, '^(%d+) (%x+) (%d+)$')
    if now < tonumber(at) + REMEMBERED then
      if checked ~= content_id then return {'reused'} end
      return {'ok', tonumber(created), 0}
    end
  end
end
if is_again == '1' then
  -- It may have been published, only the answer was lost.
  local mark = ' '..nonce..'\\n'
  for _, entry in ipairs(call('XREVRANGE', messages, '+', '-')) do
    if string.find(entry[2][2], mark, 1, true) then
      return {'ok', tonumber(string.match(entry[1], '^%d+')), 0}
    end
  end
end
local stream, newest, expired = find()
if not stream then
  if may_create == '0' then return {'absent'} end
  if expired then bury(expired, 'idle') end
  stream = create(ttl, is_unlisted() or (tonumber(call('ZSCORE', base..':hid', hashed(name)) or '0') > now), '', nonce, newest)
end
number(math.max(now, last + 1))
local id = digits(last)
local entry = digits(stream.newest)..' '..nonce..'\\n'..content
call('XADD', messages, 'MAXLEN', MOST_MESSAGES, id..'-0', 'm', entry)
local deadline = deadline_of(stream.ttl)
call('HSET', info, 'newest', id, 'deadline', digits(deadline))
local expiry = stream.ttl + GRACE
call('EXPIRE', messages, expiry)
call('EXPIRE', info, expiry)
call('ZADD', base..':due', digits(deadline), name)
if not stream.is_private then call('ZADD', base..':pub', id, name) end
if ref_id then
  rotate('r', MOST_REFS)
  call('HSET', base..':r:0', ref_id, id..' '..content_id..' '..digits(now))
  call('EXPIRE', base..':r:0', 240)
end
call('SPUBLISH', channel, 'message '..id..' '..digits(deadline)..' '..entry)
return {'ok', last, stream.newest}
`,
);

/** ARGV: name, salt, time, ttl, private, hash of the owner token, nonce, may it create. Returns `ok`, `exists` or `absent`. */
export const CREATE_STREAM = script(
  DELETED_UP_TO,
  FIND,
  ROTATE,
  BURY,
  CREATE,
  `
local stream, newest, expired = find()
-- The same request again, whose answer was lost.
if stream then return stream.nonce == ARGV[7] and 'ok' or 'exists' end
if ARGV[8] == '0' then return 'absent' end
if expired then bury(expired, 'idle') end
stream = create(tonumber(ARGV[4]), ARGV[5] == '1', ARGV[6], ARGV[7], newest)
call('SPUBLISH', channel, 'created '..digits(stream.deadline)..' '..digits(stream.ttl))
return 'ok'
`,
);

/** ARGV: name, salt, time, hash of the owner token; empty: the caller has the right to a sealed stream. Returns `ok`, `absent` or `wrong`. */
export const END = script(
  DELETED_UP_TO,
  FIND,
  ROTATE,
  BURY,
  `
local stream, _, expired = find()
if expired then bury(expired, 'idle') end
if not stream then return 'absent' end
local is_owner
if ARGV[4] == '' then is_owner = string.sub(name, 1, 1) == '~' else is_owner = stream.owner == ARGV[4] end
if not is_owner then return stream.is_private and 'absent' or 'wrong' end
bury(stream, 'owner')
return 'ok'
`,
);

/** ARGV: name, salt, time. Returns position, time, ttl, deadline, number of messages, newest message, whether the group is in use now. A ttl of 0: there is no stream. */
export const POSITION_OF = script(
  POSITION,
  DELETED_UP_TO,
  FIND,
  `
local stream, newest = find()
local at = position()
-- Messages would begin later than the position, as if some had been lost in between.
if is_new and string.find(refusal, 'NOREPLICAS', 1, true) then return redis.error_reply('NOREPLICAS for a new group') end
local is_used = is_new and 0 or 1
if not stream then return {at, now, 0, 0, 0, newest, is_used} end
return {at, now, stream.ttl, stream.deadline, call('XLEN', messages), newest, is_used}
`,
);

/** ARGV: name, salt, time. Deletes the stream if it has expired. Returns its deadline and the time. A deadline of 0: there is no stream. */
export const EXPIRE = script(
  DELETED_UP_TO,
  FIND,
  ROTATE,
  BURY,
  `
local stream, _, expired = find()
if expired then bury(expired, 'idle') end
return {stream and stream.deadline or 0, now}
`,
);

/** ARGV: name, salt, time, cursor, limit. Returns position, gap from, gap to, entries. A gap to 0 is none. */
export const REPLAY = script(
  POSITION,
  DELETED_UP_TO,
  FIND,
  `
local cursor = tonumber(ARGV[4])
local stream, newest = find()
local at = position()
-- Not only later than the position, which cannot be moved while replicas are missing.
local is_foreign = cursor > math.max(at, now)
if not is_foreign and cursor > at then at = cursor end
local after = is_foreign and 0 or cursor
local entries = stream and call('XRANGE', messages, '('..digits(after)..'-0', '+', 'COUNT', ARGV[5]) or {}
if cursor == 0 then return {at, 0, 0, entries} end
local first = entries[1]
local evicted = newest
if first then evicted = tonumber(string.match(first[2][2], '^%d+')) end
if not is_foreign and cursor >= evicted then return {at, 0, 0, entries} end
local from = is_foreign and 0 or cursor
local to = first and tonumber(string.match(first[1], '^%d+')) or evicted + 1
return {at, from, to, entries}
`,
);

/** ARGV: name, salt, time, kind, cursor, limit. Returns position, entries. */
export const PAGE = script(
  POSITION,
  DELETED_UP_TO,
  FIND,
  `
local stream = find()
local at = position()
if not stream then return {at, {}} end
local kind, cursor, limit = ARGV[4], digits(tonumber(ARGV[5])), ARGV[6]
if kind == 'newest' then return {at, call('XREVRANGE', messages, '+', '-', 'COUNT', limit)} end
if kind == 'after' then return {at, call('XRANGE', messages, '('..cursor..'-0', '+', 'COUNT', limit)} end
if kind == 'before' then return {at, call('XREVRANGE', messages, '('..cursor..'-0', '-', 'COUNT', limit)} end
return {at, call('XRANGE', messages, cursor..'-0', cursor..'-0')}
`,
);

/** ARGV: prefix, salt, time, limit. Returns the newest public streams of the group: name, updated, ttl, created of each. */
export const LIST = script(`
local prefix, limit = name, tonumber(ARGV[4])
local listed = {}
local function add(each, updated)
  local fields = call('HMGET', base..':i:'..each, 'ttl', 'deadline', 'created')
  if fields[1] and tonumber(fields[2]) > now then
    listed[#listed + 1] = {each, tonumber(updated), tonumber(fields[1]), tonumber(fields[3])}
  end
  return #listed == limit
end
if prefix ~= '' then
  local found = {}
  for _, each in ipairs(call('ZRANGEBYLEX', base..':lex', '['..prefix, '['..prefix..'\\255')) do
    found[#found + 1] = {each, tonumber(call('ZSCORE', base..':pub', each))}
  end
  table.sort(found, function(a, b) return a[2] > b[2] end)
  for _, each in ipairs(found) do
    if add(each[1], each[2]) then return listed end
  end
  return listed
end
local from = 0
repeat
  local found = call('ZREVRANGE', base..':pub', from, from + limit - 1, 'WITHSCORES')
  for i = 1, #found, 2 do
    if add(found[i], found[i + 1]) then return listed end
  end
  from = from + limit
until #found == 0
return listed
`);

/** ARGV: empty, salt, time, limit. Deletes expired streams of the group. Returns whether there are more. */
export const SWEEP = script(
  DELETED_UP_TO,
  FIND,
  ROTATE,
  BURY,
  `
local limit = tonumber(ARGV[4])
local due = call('ZRANGEBYSCORE', base..':due', '-inf', digits(now), 'LIMIT', 0, limit)
for _, each in ipairs(due) do
  name = each
  messages, info, channel = base..':s:'..name, base..':i:'..name, base..':c:'..name
  local stream, _, expired = find()
  if expired then
    bury(expired, 'idle')
  elseif not stream then
    -- The engine deleted it, because no server was there to do it.
    bury({ newest = last, is_private = not call('ZSCORE', base..':pub', name) }, 'idle')
  end
end
for _, kind in ipairs({'g', 'pub', 'lex', 'due', 'gone:0', 'gone:1', 'hid'}) do
  call('EXPIRE', base..':'..kind, 691200)
end
return #due == limit and 1 or 0
`,
);
