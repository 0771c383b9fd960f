import { configure } from '../schema/configure.ts'
import { listErrors } from '../schema/field-errors.ts'
import type { Kit } from '../kit.ts'
import { PluginError } from '../plugin-error.ts'
import type { Instance, Plugin } from '../plugin.ts'
import { connect } from './connect.ts'
import type { Outcome } from './connect.ts'
import type { Dial } from './dial.ts'
import { localBuckets } from './local-buckets.ts'
import { LocalCounters } from './local-counters.ts'
import { localOnce } from './local-once.ts'
import { LocalShared } from './local-shared.ts'
import { logTo } from './log-lines.ts'
import type { Line } from './log-lines.ts'
import { ManualClock } from './manual-clock.ts'
import { MountedMetrics } from './mounted-metrics.ts'

export interface MountOptions {
  /** Milliseconds since the epoch at which the clock stands; the start of 2026 (UTC) by default. */
  readonly now?: number
  /** The instance's id. */
  readonly id?: string
  /** The PEM certificates of `trusted`; by default the kit has none, as with the system's. */
  readonly trusted?: readonly string[]
}

/** A configured plugin instance in the hands of a test. */
export interface Mounted<Config, State> {
  /** As the phases see it: complete. */
  readonly config: Config
  /** What `setup` returned. */
  readonly state: State
  readonly clock: ManualClock
  /** What the plugin has logged so far. */
  readonly lines: readonly Line[]
  readonly counters: LocalCounters
  readonly shared: LocalShared
  /** What the plugin has counted so far. */
  readonly metrics: MountedMetrics
  /** Walks a connection through the phases and says how it ended. */
  connect(dial?: Dial): Promise<Outcome>
  /** Tears the instance down; once, however often it is called. */
  unmount(): Promise<void>
}

/**
 * Checks a configuration with the gateway's own function, sets the plugin up and hands it to a test.
 * @throws TypeError for a configuration that the gateway would refuse, with one line for each error
 * @throws PluginError when `setup` throws
 */
export async function mount<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  input: NoInfer<In>,
  {
    now = Date.UTC(2026, 0, 1),
    id = '00000000-0000-4000-8000-000000000000',
    trusted,
  }: MountOptions = {},
): Promise<Mounted<Config, State>> {
  const configured = configure(plugin, input)
  if (!configured.ok) {
    throw new TypeError(`plugin ${plugin.name}: ${listErrors(configured.fields).join('; ')}`)
  }
  const { config } = configured
  const clock = new ManualClock(now)
  const counters = new LocalCounters(clock)
  const shared = new LocalShared(clock)
  const lines: Line[] = []
  const life = new AbortController()
  const { signal } = life
  const once = localOnce(plugin.name, clock, signal)
  const buckets = localBuckets
  const counted = new MountedMetrics()
  const metrics = counted.open(signal)
  const numbers = { counters, shared, buckets, metrics }
  const kit = { id, config, log: logTo(lines), clock, signal, once, trusted, ...numbers }
  const state = await setUp(plugin, kit)
  const self: Instance<Config, State> = { ...kit, state }
  let torn: Promise<void> | undefined
  let serial = 0
  const tearDown = async (): Promise<void> => {
    life.abort()
    await plugin.teardown?.(state)
  }
  return {
    config,
    state,
    clock,
    lines,
    counters,
    shared,
    metrics: counted,
    connect: async (dial = {}) => {
      if (torn) throw new Error(`plugin ${plugin.name} is unmounted`)
      return connect(plugin, self, dial, String(++serial))
    },
    unmount: () => (torn ??= guard(plugin.name, 'teardown', tearDown)),
  }
}

async function setUp<Config, State, In>(
  plugin: Plugin<Config, State, In>,
  kit: Kit<Config>,
): Promise<State> {
  const state = await guard(plugin.name, 'setup', async () => plugin.setup?.(kit))
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion -- without setup, State is undefined
  return state as State
}

async function guard<T>(plugin: string, phase: string, run: () => Promise<T>): Promise<T> {
  try {
    return await run()
  } catch (error) {
    throw new PluginError(plugin, phase, error)
  }
}
