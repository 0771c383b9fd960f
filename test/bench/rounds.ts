import type { FigureName, Options } from './options.ts'
import type { Place } from './place.ts'
import type { Results } from './results.ts'
import type { ServiceName } from './site.ts'
import { aimAt, isFor, stepsOf, type Step, type Value } from './steps.ts'
import { figuresOfLife, live } from './weigh.ts'

export interface Run {
  readonly options: Options
  readonly places: readonly Place[]
  /** What stands behind every proxy. */
  readonly services: readonly ServiceName[]
  /** How many a proxy is to hold at once. */
  readonly connections: number
  readonly results: Results
  readonly say: (text: string) => void
  /** Whether the upstreams still run. */
  readonly isSound: () => boolean
  /** Called after each round. */
  readonly save: (progress: string) => void
}

/** So often something is tried in vain before it is left alone. */
const tries = 2

/** Each round begins with another proxy, so that none has the cold or the hot machine to itself. */
function rotated<T>(all: readonly T[], by: number): T[] {
  const first = all.length === 0 ? 0 : by % all.length
  return [...all.slice(first), ...all.slice(0, first)]
}

/** Measures something of one proxy; what fails is written down, and stops neither the others nor the rest. */
async function attempt(
  what: string,
  { proxy }: Place,
  { results, say }: Run,
  work: () => Promise<void>,
): Promise<boolean> {
  if (results.failed(what, proxy.name) >= tries) return false
  try {
    await work()
    return true
  } catch (error) {
    results.fail(what, proxy.name, error)
    say(
      `  ${what}: ${proxy.title} failed: ${error instanceof Error ? error.message : String(error)}`,
    )
    return false
  }
}

async function lives(run: Run): Promise<void> {
  const { options, places, services, results, say, save } = run
  const wants = (name: FigureName): boolean => options.figures.includes(name)
  const wanted = {
    start: wants('start'),
    memory: wants('memory'),
    tls: wants('memory-tls') && services.includes('tls'),
  }
  if (!wanted.start && !wanted.memory && !wanted.tls) return
  for (let round = 0; round < options.rounds; round += 1) {
    const progress = `starts, round ${round + 1} of ${options.rounds}`
    say(progress)
    for (const place of rotated(places, round)) {
      const { proxy, site } = place
      if (!proxy.figures.includes('start')) continue
      await attempt('start and memory', place, run, () =>
        live(proxy, site, wanted, (figure, value) => results.add(figure, proxy.name, value)),
      )
    }
    save(progress)
  }
}

async function valuesOf(step: Step, place: Place, seconds: number): Promise<readonly Value[]> {
  const standing = await place.up()
  const values = await step.take(aimAt(step, place.site, seconds), standing.pid)
  if (!standing.isRunning()) throw new Error('it has ended')
  return values
}

/** One step of one proxy. After a failure it is started anew: what has gone wrong is not to spoil the next step. */
async function takeStep(step: Step, place: Place, run: Run, isKept: boolean): Promise<string> {
  const { name } = place.proxy
  let taken: readonly Value[] = []
  const isTaken = await attempt(step.what, place, run, async () => {
    taken = await valuesOf(step, place, isKept ? step.seconds : step.warmUp)
  })
  if (!isTaken) await place.down()
  for (const [index, figure] of step.figures.entries()) {
    const value = taken[index]
    if (isKept && value !== undefined) run.results.add(figure, name, value)
  }
  return `${name} ${taken[0]?.toFixed(step.figures[0]?.digits) ?? '–'}`
}

async function loadAll(run: Run, steps: readonly Step[]): Promise<void> {
  const { options, places, say, save } = run
  for (let round = -1; round < options.rounds; round += 1) {
    const progress =
      round < 0 ? 'loads, to warm up' : `loads, round ${round + 1} of ${options.rounds}`
    say(progress)
    for (const step of steps) {
      const texts: string[] = []
      for (const place of rotated(places, round + 1)) {
        if (isFor(step, place)) texts.push(await takeStep(step, place, run, round >= 0))
        if (!run.isSound()) throw new Error('what the proxies lead to has ended')
      }
      say(`  ${step.what}: ${texts.join(', ')}`)
    }
    save(progress)
  }
}

/** Measures proxies in turn, round after round; answers when every step has been taken or given up. */
export async function runRounds(run: Run): Promise<void> {
  const { options, places, services, connections, results } = run
  const steps = stepsOf(options, services)
  const figures = [...steps.flatMap((step) => step.figures), ...figuresOfLife(options, connections)]
  for (const figure of figures) results.plan(figure)
  try {
    await lives(run)
    if (steps.length > 0) await loadAll(run, steps)
  } finally {
    await Promise.all(places.map((place) => place.down()))
  }
}
