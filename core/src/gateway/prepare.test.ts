import { expect, test } from 'vitest'
import type { Certificate } from '../entities/rows.ts'
import { instanceHost } from '../pipeline/instances.fixture.ts'
import { Catalogue, describe } from '../plugins/catalogue.ts'
import { counted, deltaOf, Ledger } from './configuration.fixture.ts'
import { prepareDelta } from './prepare.ts'
import { pluginRow } from './rows.fixture.ts'

test('only what is new, enabled and the last word on its row is set up', async () => {
  const ledger = new Ledger()
  const checked: string[] = []
  const put = (id: string, more: object = {}) =>
    ({ op: 'put', entity: 'plugins', row: pluginRow(id, 'p', more) }) as const
  const certificate = {
    id: 'c',
    created_at: 0,
    updated_at: 0,
    tags: null,
    cert: '',
    key: '',
    cert_alt: null,
    key_alt: null,
  }
  const delta = deltaOf(
    { op: 'put', entity: 'certificates', row: certificate },
    put('1'),
    put('2', { enabled: false }),
    put('3'),
    put('4', { config: { value: 1 } }),
    put('4'),
    put('5'),
    { op: 'delete', entity: 'plugins', id: '5' },
  )
  const prepared = await prepareDelta(delta, {
    catalogue: new Catalogue([describe(counted('p', ledger), 'memory')]),
    check: (row) => void checked.push(row.id),
    host: instanceHost,
    authority: () => undefined,
    running: () => [],
    unchanged: ({ id }) => id === '3',
  })
  expect([...prepared.instances.keys()]).toEqual(['1', '4'])
  expect(ledger.setups).toBe(2)
  expect(checked).toEqual(['c'])
})

test('a certificate is checked before anything is set up', async () => {
  const ledger = new Ledger()
  const certificate: Certificate = {
    id: 'c',
    created_at: 0,
    updated_at: 0,
    tags: null,
    cert: 'weak',
    key: '',
    cert_alt: null,
    key_alt: null,
  }
  const refused = prepareDelta(
    deltaOf(
      { op: 'put', entity: 'plugins', row: pluginRow('1', 'p') },
      { op: 'put', entity: 'certificates', row: certificate },
    ),
    {
      catalogue: new Catalogue([describe(counted('p', ledger), 'memory')]),
      check: ({ cert }) => {
        throw new Error(`${cert} under this policy`)
      },
      host: instanceHost,
      authority: () => undefined,
      running: () => [],
      unchanged: () => false,
    },
  )
  await expect(refused).rejects.toThrow('weak under this policy')
  expect(ledger.setups).toBe(0)
})
