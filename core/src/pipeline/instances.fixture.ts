import { definePlugin, type NodeCounters, type Log, type Plugin, type Phases } from '@kong-ts/pdk'
import { MetricBook } from '@kong-ts/pdk/host'
import type { Walker } from './walk.ts'
import { kitless } from '../plugins/kitless.fixture.ts'
import { PluginInstance, type InstanceHost } from '../plugins/instance.ts'

/** For the tests: what a plugin's instances have logged, as `level message`. */
export const lines: string[] = []

const log: Log = {
  debug: (_fields, message) => void lines.push(`debug ${message}`),
  info: (_fields, message) => void lines.push(`info ${message}`),
  warn: (_fields, message) => void lines.push(`warn ${message}`),
  error: (_fields, message) => void lines.push(`error ${message}`),
}

/** For the tests: a walk that nobody is on. */
export const nobodyWalks: Walker = { wouldReject: () => undefined }

const counters: NodeCounters = {
  take: () => true,
  release: () => undefined,
  learn: () => undefined,
}

const book = new MetricBook({
  declared: () => undefined,
  retired: () => undefined,
  shown: () => undefined,
})

export const instanceHost: InstanceHost = {
  counters,
  ...kitless,
  metrics: (life) => book.open(life),
  behaved: () => undefined,
  log: () => log,
  setupTimeout: 1000,
}

/** For the tests: a plugin of these phases. */
export function pluginOf(name: string, phases: Phases, priority = 100): Plugin {
  return definePlugin({
    name,
    version: '1.0.0',
    priority,
    schema: { type: 'object', properties: {} },
    phases,
  })
}

/** For the tests: an instance of a plugin of these phases, set up. */
export function instanceOf(name: string, phases: Phases = {}): Promise<PluginInstance> {
  return PluginInstance.create(`id-of-${name}`, pluginOf(name, phases), {}, instanceHost)
}
