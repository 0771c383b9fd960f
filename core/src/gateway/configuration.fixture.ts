import { randomBytes } from 'node:crypto'
import { definePlugin, type Phases } from '@kong-ts/pdk'
import { poolsOf } from '../balancing/pools.fixture.ts'
import type { Pools } from '../balancing/pools.ts'
import { CertificateTable } from '../certificates/certificate-table.ts'
import { tlsPolicy } from '../certificates/policy.ts'
import { createSelfSigned } from '../certificates/self-signed.ts'
import type { Change, Delta } from '../entities/rows.ts'
import { instanceHost } from '../pipeline/instances.fixture.ts'
import { Catalogue, describe } from '../plugins/catalogue.ts'
import { Configuration } from './configuration.ts'

/** For the tests: how often instances were set up and torn down, by id. */
export class Ledger {
  setups = 0
  teardowns = 0
  readonly live = new Set<string>()
}

/** For the tests: a plugin that keeps the ledger, and whose setup fails when its configuration says so. */
export function counted(name: string, ledger: Ledger, phases: Phases = {}, priority = 100) {
  return definePlugin({
    name,
    version: '1.0.0',
    priority,
    schema: {
      type: 'object',
      properties: { value: { type: 'integer' }, fail: { type: 'boolean', default: false } },
    },
    setup: async ({ config, id }) => {
      await Promise.resolve()
      if (config.fail) throw new Error('it was told to')
      ledger.setups += 1
      const key = `${id}/${ledger.setups}`
      ledger.live.add(key)
      return key
    },
    phases,
    teardown: (key: string) => {
      ledger.teardowns += 1
      if (!ledger.live.delete(key)) throw new Error(`${key} was torn down twice`)
    },
  })
}

/** For the tests: a configuration that knows these plugins. */
export function configurationOf(
  ...plugins: readonly ReturnType<typeof counted>[]
): Promise<Configuration> {
  return configurationWith(poolsOf().pools, ...plugins)
}

/** For the tests: the same with pools of the test's own. */
export async function configurationWith(
  pools: Pools,
  ...plugins: readonly ReturnType<typeof counted>[]
): Promise<Configuration> {
  const defaults = [await createSelfSigned({ key: 'ec', commonName: 'default', days: 1 })]
  return new Configuration({
    certificates: new CertificateTable({
      defaults,
      secret: randomBytes(32),
      policy: tlsPolicy({ cipherSuite: 'intermediate', ciphers: undefined, protocols: undefined }),
    }),
    catalogue: new Catalogue(plugins.map((plugin) => describe(plugin, 'memory'))),
    pools,
    host: instanceHost,
    pluginTimeout: 1000,
  })
}

let revision = 0

export function deltaOf(...changes: readonly Change[]): Delta {
  revision += 1
  return { base: revision - 1, revision, changes }
}

export async function apply(
  configuration: Configuration,
  ...changes: readonly Change[]
): Promise<void> {
  configuration.swap(await configuration.prepare(deltaOf(...changes)))
}
