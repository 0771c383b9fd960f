import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { Change } from '../entities/rows.ts'
import type { Configuration } from './configuration.ts'
import { apply, configurationOf, counted, deltaOf, Ledger } from './configuration.fixture.ts'
import type { Pipeline } from './pipelines.ts'
import { pluginRow, routeRow, serviceRow } from './rows.fixture.ts'

const route = routeRow('r', 's')

/** A configuration under random changes, and what must be true of it. */
class Trial {
  readonly ledger: Ledger
  /** Rows that are enabled. */
  readonly placed = new Set<string>()
  /** Pipelines that a connection runs in. */
  readonly entered: Pipeline[] = []
  readonly configuration: Configuration

  constructor(configuration: Configuration, ledger: Ledger) {
    this.configuration = configuration
    this.ledger = ledger
  }

  /** What a new connection could meet, and what the running ones hold on to. */
  get reachable(): Set<unknown> {
    const { configuration, entered } = this
    const pipelines = [configuration.global, configuration.pipelineFor(route, 'tcp'), ...entered]
    return new Set(pipelines.flatMap(({ instances }) => instances.map(({ self }) => self.state)))
  }

  get pinned(): number {
    return new Set(this.entered.flatMap(({ instances }) => instances)).size
  }
}

type Step = (trial: Trial) => Promise<void> | void

/** Writes that share a generation may well change one row more than once. */
const puts: fc.Arbitrary<{
  readonly id: string
  readonly enabled: boolean
  readonly changes: Change[]
}> = fc
  .record({
    id: fc.constantFrom('1', '2', '3'),
    name: fc.constantFrom('p', 'q'),
    value: fc.integer({ min: 0, max: 2 }),
    enabled: fc.boolean(),
    onRoute: fc.boolean(),
    twice: fc.boolean(),
  })
  .map(({ id, name, value, enabled, onRoute, twice }) => {
    const more = { enabled, route: onRoute ? { id: 'r' } : null }
    const rows = (twice ? [9, value] : [value]).map((each) =>
      pluginRow(id, name, { ...more, config: { value: each } }),
    )
    const changes = rows.map((row): Change => ({ op: 'put', entity: 'plugins', row }))
    return { id, enabled, changes }
  })

const write = puts.map(({ id, enabled, changes }): Step => async ({ configuration, placed }) => {
  await apply(configuration, ...changes)
  placed.delete(id)
  if (enabled) placed.add(id)
})

const remove = puts.map(({ id, changes }): Step => async ({ configuration, placed }) => {
  await apply(configuration, ...changes, { op: 'delete', entity: 'plugins', id })
  placed.delete(id)
})

const discard = puts.map(({ changes }): Step => async ({ configuration }) => {
  configuration.discard(await configuration.prepare(deltaOf(...changes)))
})

const enter = fc.constant<Step>(({ configuration, entered }) => {
  const pipeline = configuration.pipelineFor(route, 'tcp')
  pipeline.enter()
  entered.push(pipeline)
})

const leave = fc.constant<Step>(({ entered }) => entered.shift()?.leave())

/** Teardowns run in turns of their own. */
const settled = () => new Promise((resolve) => setTimeout(resolve, 5))

test('over any sequence of changes and connections, setups minus teardowns are the instances that live', async () => {
  const steps = fc.array(fc.oneof(write, write, remove, discard, enter, leave), { maxLength: 25 })
  await fc.assert(
    fc.asyncProperty(steps, async (taken) => {
      const ledger = new Ledger()
      const plugins = [counted('p', ledger, {}, 1), counted('q', ledger, {}, 2)]
      const trial = new Trial(await configurationOf(...plugins), ledger)
      await apply(
        trial.configuration,
        { op: 'put', entity: 'services', row: serviceRow('s') },
        { op: 'put', entity: 'routes', row: route },
      )
      for (const step of taken) await step(trial)
      await settled()
      expect(ledger.setups - ledger.teardowns).toBe(ledger.live.size)
      for (const state of trial.reachable) expect(ledger.live).toContain(state)
      expect(ledger.live.size).toBeGreaterThanOrEqual(trial.placed.size)
      expect(ledger.live.size).toBeLessThanOrEqual(trial.placed.size + trial.pinned)
      for (const pipeline of trial.entered) pipeline.leave()
      await trial.configuration.close(1000)
      expect(ledger.live).toEqual(new Set())
      expect(ledger.setups).toBe(ledger.teardowns)
    }),
    { numRuns: 60 },
  )
}, 30_000)
