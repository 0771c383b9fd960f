import { definePlugin } from '@kong-ts/pdk'
import { expect, test } from 'vitest'
import type { CaCertificate } from '../entities/rows.ts'
import { createSelfSigned } from '../certificates/self-signed.ts'
import { apply, configurationOf, deltaOf } from './configuration.fixture.ts'
import { pluginRow } from './rows.fixture.ts'

const id = '00000000-0000-4000-8000-0000000000ca'
const make = async (commonName: string) =>
  (await createSelfSigned({ key: 'ec', commonName, days: 1, ca: true })).cert
const [first, second] = await Promise.all([make('first'), make('second')])

function authority(cert: string) {
  const row: CaCertificate = {
    id,
    created_at: 0,
    updated_at: 0,
    tags: null,
    cert,
    cert_digest: '',
  }
  return { op: 'put', entity: 'ca_certificates', row } as const
}

const schema = {
  type: 'object',
  properties: {
    ca_certificates: { type: 'array', items: { type: 'string', format: 'ca_certificate' } },
    only: { type: 'string' },
  },
} as const

function observer() {
  const seen: unknown[] = []
  const ends: unknown[] = []
  const plugin = definePlugin<typeof schema, unknown>({
    name: 'observer',
    version: '1.0.0',
    priority: 1,
    schema,
    setup: ({ config }) => {
      seen.push(config.ca_certificates ?? config.only)
      return seen.length
    },
    phases: {},
    teardown: (state) => void ends.push(state),
  })
  return { seen, ends, plugin: plugin as never }
}

const row = pluginRow('1', 'observer', { config: { ca_certificates: [id, first] } })

test('a plugin sees certificates where its configuration names ids, and is set up anew when one changes', async () => {
  const { seen, ends, plugin } = observer()
  const configuration = await configurationOf(plugin)
  await apply(
    configuration,
    { op: 'put', entity: 'plugins', row },
    { op: 'put', entity: 'plugins', row: pluginRow('2', 'observer', { config: { only: 'x' } }) },
    authority(first),
  )
  expect(seen).toEqual([[first, first], 'x'])
  await apply(configuration, authority(second))
  expect(seen.slice(2)).toEqual([[second, first]])
  expect(ends).toEqual([1])
  await apply(configuration, authority(first), { op: 'delete', entity: 'plugins', id: '1' })
  expect(seen).toHaveLength(3)
  await configuration.close(1000)
})

test('a certificate that is not there, or is about to go, vetoes the change', async () => {
  const { plugin } = observer()
  const configuration = await configurationOf(plugin)
  const put = { op: 'put', entity: 'plugins', row } as const
  await expect(configuration.prepare(deltaOf(put))).rejects.toThrow(
    `names a CA certificate that is not there: config.ca_certificates.1: ${id}`,
  )
  await apply(configuration, authority(first), put)
  const gone = deltaOf({ op: 'delete', entity: 'ca_certificates', id })
  await expect(configuration.prepare(gone)).rejects.toThrow('is not there')
  await configuration.close(1000)
})
