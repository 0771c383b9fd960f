import { EventEmitter } from 'node:events'
import type { PluginListing } from '../node/control/control-contract.ts'
import type { Signal, World } from './world.ts'

/** A world for tests: it remembers what was written, and is sent signals by hand. */
export interface FakeWorld extends World {
  readonly written: string[]
  readonly complained: string[]
  signal(signal: Signal): void
  /** How many handlers wait for the signal. */
  waitingFor(signal: Signal): number
}

export function fakeWorld(over: Partial<World> = {}): FakeWorld {
  const signals = new EventEmitter()
  const written: string[] = []
  const complained: string[] = []
  return {
    terminal: {
      styled: false,
      write: (text) => void written.push(text),
      error: (text) => void complained.push(text),
    },
    env: {},
    cwd: '/',
    entry: '/none',
    startGateway: () => Promise.reject(new Error('not in this test')),
    configuration: {
      parse: () => Promise.reject(new Error('not in this test')),
      export: () => Promise.reject(new Error('not in this test')),
      import: () => Promise.reject(new Error('not in this test')),
    },
    loadPlugins: () => Promise.resolve([]),
    openSchema: () => Promise.reject(new Error('not in this test')),
    ask: () => undefined,
    onSignal(signal, handler) {
      signals.on(signal, handler)
      return () => {
        signals.off(signal, handler)
      }
    },
    ...over,
    written,
    complained,
    signal: (signal) => void signals.emit(signal),
    waitingFor: (signal) => signals.listenerCount(signal),
  }
}

/** A plugin to show. */
export const guardListing: PluginListing = {
  name: 'guard',
  version: '1.2.0',
  priority: 900,
  phases: ['accept', 'preread'],
  protocols: ['tcp', 'tls'],
  from: '@acme/guard',
  enabledOn: ['global', 'route ssh'],
  description: 'Keeps strangers out.',
  schema: {
    type: 'object',
    properties: {
      allow: {
        type: 'array',
        items: { type: 'string', format: 'cidr' },
        description: 'Who may come in.',
      },
      by: { enum: ['ip', 'route'], default: 'ip' },
      limit: {
        type: 'object',
        properties: { second: { type: 'integer', minimum: 1 } },
        required: ['second'],
      },
      hooks: { type: 'array', items: { type: 'object', properties: { url: { type: 'string' } } } },
    },
    required: ['allow'],
  },
}
