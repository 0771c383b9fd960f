import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'

import type { Place } from './place.ts'
import { pidsOf } from './proc.ts'
import { capture, isInstalled, start } from './processes.ts'
import { aimAt, isFor, stepsOf, type Step } from './steps.ts'
import type { Run } from './rounds.ts'

/** Has a tool look on while work is done. */
async function watched<T>(
  tool: string,
  args: readonly string[],
  work: () => Promise<T>,
): Promise<T> {
  const watch = start(tool, args)
  try {
    // Until it has attached itself; what it misses of the work is of the same kind as what it sees.
    await pause(500)
    return await work()
  } finally {
    await watch.stop()
  }
}

async function shares(data: string, sort: string): Promise<string> {
  const how = ['--stdio', '--no-children', '-g', 'none', '--percent-limit', '0.4', '--sort', sort]
  const text = await capture('perf', ['report', '-i', data, ...how], 120)
  return text.replaceAll(/[ -]+$/gm, '').replaceAll(/^#.*\n|^\n/gm, '')
}

/** How often it calls what of the kernel; the times mean little, because strace is most of them. */
async function callsOf(step: Step, { site }: Place, pids: readonly number[]): Promise<string> {
  const calls = `${site.folder}/calls.txt`
  const trace = ['-c', '-f', '-o', calls, ...pids.flatMap((one) => ['-p', `${one}`])]
  const [, rate] = await watched('strace', trace, () =>
    step.take(aimAt(step, site, step.seconds), undefined),
  )
  const units = `calls of the kernel, ${((rate ?? 0) * step.seconds).toFixed(1)} units of work:`
  return `${units}\n${readFileSync(calls, 'utf8')}`
}

/** Where the time of one proxy goes in one kind of work: by binary, by function, and its calls of the kernel. */
async function profile(step: Step, place: Place): Promise<string> {
  const { pid } = await place.up()
  const pids = pidsOf(pid ?? 0)
  const aim = aimAt(step, place.site, step.seconds)
  await step.take(aim, undefined)
  const data = `${place.site.folder}/perf.data`
  const record = ['record', '-q', '-F', '2999', '-g', '-o', data, '-p', pids.join(',')]
  await watched('perf', record, () => step.take(aim, undefined))
  const traced = isInstalled('strace') ? await callsOf(step, place, pids) : ''
  // V8 writes its names when the process ends.
  await place.down()
  const parts = [await shares(data, 'dso'), await shares(data, 'dso,symbol'), traced]
  rmSync(data, { force: true })
  for (const one of pids) rmSync(join('/tmp', `perf-${one}.map`), { force: true })
  return parts.join('\n')
}

/** Writes a profile of every step that is asked for, of every proxy, into a folder; needs perf, and a right to use it. */
export async function profileAll(run: Run, folder: string): Promise<void> {
  const { options, services, places, results, say } = run
  mkdirSync(folder, { recursive: true })
  const steps = stepsOf(options, services).filter(({ name }) => name !== 'latency')
  for (const place of places.filter(({ proxy }) => !proxy.isDirect)) {
    for (const step of steps.filter((one) => isFor(one, place))) {
      const file = `${folder}/${place.proxy.name}, ${step.what}.txt`
      try {
        writeFileSync(file, await profile(step, place))
        say(`written: ${file}`)
      } catch (error) {
        results.fail(`profile of a ${step.what}`, place.proxy.name, error)
        say(`not written: ${file}: ${error instanceof Error ? error.message : String(error)}`)
        await place.down()
      }
    }
  }
}
