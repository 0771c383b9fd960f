import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

import { idleWithin, raiseDescriptors } from './descriptors.ts'
import { makeIdentity } from './identity.ts'
import { describeRun } from './machine.ts'
import { parseOptions, usage, type Options } from './options.ts'
import { isInstalled } from './processes.ts'
import { profileAll } from './profile.ts'
import { proxies } from './proxies.ts'
import { reportOf } from './report.ts'
import { Results } from './results.ts'
import { runRounds } from './rounds.ts'
import { setStage } from './stage.ts'

const say = (text: string): void => void process.stdout.write(`${text}\n`)

/** Names what is missing; without a responder nothing can be measured, without a load generator its rows cannot. */
function missingTools(): string[] {
  return [
    ...['nginx', 'wrk', 'iperf3', 'openssl'].filter((tool) => !isInstalled(tool)),
    ...proxies.flatMap(({ missing }) => missing ?? []),
  ]
}

async function bench(options: Options): Promise<void> {
  const present = proxies.filter(
    ({ name, missing }) => missing === undefined && options.proxies.includes(name),
  )
  const missing = [...new Set(missingTools())]
  for (const name of missing) say(`missing: ${name}; what needs it is left out`)
  if (!isInstalled('nginx')) throw new Error('nginx, which answers the requests, is not installed')

  const folder = mkdtempSync(join(tmpdir(), 'kong-ts-bench-'))
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }))
  const descriptors = raiseDescriptors()
  const connections = idleWithin(descriptors)
  const identity = isInstalled('openssl') ? makeIdentity(folder) : undefined
  const results = new Results()
  const titles = new Map(present.map(({ name, title }) => [name, title]))

  const page = (progress?: string): string =>
    describeRun({
      options,
      proxies: present,
      missing,
      descriptors,
      progress,
      results: reportOf(results, titles),
    })
  // A run that is broken off leaves what it has learnt.
  const unfinished = new URL('RESULTS-UNFINISHED.md', import.meta.url)
  const save = (progress: string): void => {
    if (!options.partial) writeFileSync(unfinished, page(progress))
  }

  const stage = await setStage({
    proxies: present,
    folder,
    connections,
    identity,
    results,
    isProfiled: options.profile !== undefined,
  })
  const run = { ...stage, options, connections, results, say, save }
  try {
    if (options.profile !== undefined) return await profileAll(run, options.profile)
    await runRounds(run)
  } finally {
    await stage.strike()
  }
  say(`\n${reportOf(results, titles)}\n`)
  if (options.partial) return say('A part was asked for: RESULTS.md is left as it is.')
  rmSync(unfinished, { force: true })
  writeFileSync(new URL('RESULTS.md', import.meta.url), page())
  say('written: test/bench/RESULTS.md')
}

// Leaving through process.exit runs the handlers that end our children and remove our folder.
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => process.exit(130))

try {
  if (process.argv.includes('--help')) say(usage)
  else await bench(parseOptions(process.argv.slice(2)))
} catch (error) {
  process.stderr.write(`bench: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exit(1)
}
