import { writeFileSync } from 'node:fs'
import { BlockList } from 'node:net'
import { parseArgs } from 'node:util'
import { AddressList } from '../../plugins/ip-restriction/src/address-list.ts'
import { readList } from '../../plugins/ip-restriction/src/read-list.ts'
import { table } from './figures.ts'
import { describeMachine } from './machine.ts'

/**
 * `npm run bench:ip`: what ip-restriction's look-up costs among 10, 1,000 and 100,000 entries, and what it costs to make
 * a list of them. `-- --entries 10 --lookups 1000` is a short run, which writes nothing.
 */
const { values } = parseArgs({
  options: { entries: { type: 'string' }, lookups: { type: 'string' } },
})
const isPartial = values.entries !== undefined || values.lookups !== undefined
const sizes = (values.entries ?? '10,1000,100000').split(',').map(Number)
const lookups = Number(values.lookups ?? 400_000)
const passes = 9

type Family = 'ipv4' | 'ipv6'

/** Numbers without chance, so that runs are alike: a linear congruential generator. */
function* numbers(): Generator<number, never> {
  for (let state = 7; ;) {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    yield state >>> 16
  }
}

const random = numbers()
const group = (): string => random.next().value.toString(16)
const octet = (): number => random.next().value & 255

const addresses: Readonly<Record<Family, () => string>> = {
  ipv4: () => `${1 + (octet() % 223)}.${octet()}.${octet()}.${octet()}`,
  ipv6: () => `2001:${group()}:${group()}:${group()}::${group()}`,
}

/** Every third entry is a network. */
function entriesOf(family: Family, count: number): readonly string[] {
  const prefix = family === 'ipv4' ? '/24' : '/64'
  return Array.from({ length: count }, (_, n) => addresses[family]() + (n % 3 === 0 ? prefix : ''))
}

/** Half of them are in the list. */
function clientsOf(family: Family, entries: readonly string[]): readonly string[] {
  return Array.from({ length: 1024 }, (_, n) => {
    const listed = entries[(n * 7919) % entries.length]?.split('/')[0]
    return n % 2 === 0 && listed !== undefined ? listed : addresses[family]()
  })
}

function nanoseconds(
  count: number,
  clients: readonly string[],
  has: (client: string) => boolean,
): number {
  const measured = Array.from({ length: passes }, () => {
    const begun = cpu()
    let found = 0
    for (let n = 0; n < count; n++) if (has(clients[n % clients.length] ?? '')) found += 1
    if (found < Math.floor(count / 2)) throw new Error('an entry is missing')
    return ((cpu() - begun) * 1000) / count
  })
  return Math.min(...measured)
}

function blockListOf(family: Family, entries: readonly string[]): BlockList {
  const list = new BlockList()
  for (const entry of entries) {
    const [address = '', prefix] = entry.split('/')
    if (prefix === undefined) list.addAddress(address, family)
    else list.addSubnet(address, Number(prefix), family)
  }
  return list
}

/** Microseconds of processor time that this thread has used: others on the machine do not count. */
function cpu(): number {
  const { user, system } = process.threadCpuUsage()
  return user + system
}

/** Milliseconds, and what came of it. */
async function timed<T>(work: () => T | Promise<T>): Promise<readonly [number, T]> {
  const begun = cpu()
  const result = await work()
  return [(cpu() - begun) / 1000, result]
}

async function measure(family: Family, count: number): Promise<readonly string[]> {
  const entries = entriesOf(family, count)
  const clients = clientsOf(family, entries)
  const [setup, list] = await timed(() => AddressList.of(entries))
  const [reading, read] = await timed(() => readList(entries.join('\n')))
  if (read.entries !== count) throw new Error('an entry was not read')
  const blockList = blockListOf(family, entries)
  const own = nanoseconds(lookups, clients, (client) => list.has(client))
  const theirs = nanoseconds(lookups, clients, (client) => blockList.check(client, family))
  const shown = [own.toFixed(0), theirs.toFixed(0), setup.toFixed(1), reading.toFixed(1)]
  return [family === 'ipv4' ? 'IPv4' : 'IPv6', count.toLocaleString('en-US'), ...shown]
}

const rows: (readonly string[])[] = []
for (const family of ['ipv4', 'ipv6'] as const) {
  for (const size of sizes) rows.push(await measure(family, size))
}
const heads = ['family', 'entries', 'ns a look-up', 'ns, net.BlockList', 'ms to make', 'ms to read']
const page = [
  '# Lists of addresses in ip-restriction',
  '',
  ...['Command: `npm run bench:ip`', ...describeMachine()].map((fact) => `- ${fact}`),
  '',
  `A look-up takes the client's address as text; every other client is in the list (best of ${passes} passes of`,
  `${lookups.toLocaleString('en-US')} look-ups). \`net.BlockList\` of Node is what the plugin used before. All is processor time. "To make" is a list of the`,
  'configuration, "to read" the text of a file or an answer, once per node and change.',
  '',
  table([heads, ...rows]),
  '',
].join('\n')
if (!isPartial) writeFileSync(new URL('RESULTS-IP.md', import.meta.url), page)
process.stdout.write(page)
