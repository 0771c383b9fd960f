import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import {
  measureAccuracy,
  measureBulk,
  measureConnections,
  type Measured,
} from './bandwidth-loads.ts'
import { startLimited } from './bandwidth-site.ts'
import { table } from './figures.ts'
import type { Transport } from './kong.ts'
import { describeMachine } from './machine.ts'

/** `npm run bench:bandwidth`: how exact limited rates are, and what limits cost; writes RESULTS-BANDWIDTH.md. */
const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    connections: { type: 'string', default: '4000' },
    gigabytes: { type: 'string', default: '4' },
    to: { type: 'string', default: new URL('RESULTS-BANDWIDTH.md', import.meta.url).pathname },
  },
})

const transports: readonly Transport[] = ['native', 'portable']

async function run(transport: Transport): Promise<Measured> {
  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bandwidth-'))
  const site = await startLimited(folder, transport)
  try {
    return {
      accuracy: await measureAccuracy(site, Number(values.seconds)),
      bulk: await measureBulk(site, Number(values.gigabytes) * 1e9),
      connections: await measureConnections(site, Number(values.connections)),
    }
  } finally {
    await site.stop()
    rmSync(folder, { recursive: true, force: true })
  }
}

const measured: Measured[] = []
for (const transport of transports) measured.push(await run(transport))

/** One part, with a column for each transport. */
function tableOf(part: keyof Measured): string {
  const titles = Object.keys(measured[0]?.[part] ?? {})
  const rows = titles.map((title) => [title, ...measured.map((each) => each[part][title] ?? '')])
  return table([['', ...transports], ...rows])
}

const page = `# Results of bandwidth-limiting

Written by \`npm run bench:bandwidth\`; not by hand. The gateway has two workers; clients and the upstream are one other process on the same machine.

${describeMachine()
  .map((fact) => `- ${fact}`)
  .join('\n')}

## How exact a rate of 1 MB/s is

Megabytes per second that the clients received from the second second on, ${values.seconds} seconds long.

${tableOf('accuracy')}

## What a gigabyte costs

Seconds of the gateway's processor time, user and system, for a gigabyte of download over one connection. The rates are 400 MB/s, except in the last two rows.

${tableOf('bulk')}

## What a connection costs

Microseconds of the gateway's processor time for a connection that asks for 100 bytes, eight at a time; medians of three interleaved rounds of ${values.connections}, and in brackets what that is more than without the plugin.

${tableOf('connections')}
`
writeFileSync(values.to, page)
process.stdout.write(page)
