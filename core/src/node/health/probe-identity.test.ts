import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { world } from '../../entities/plan.fixture.ts'
import { ProbeIdentity } from './probe-identity.ts'

function upstreams() {
  const { set, create, patch } = world()
  create('certificates', { id: '00000000-0000-4000-8000-0000000000c1', cert: ecCert, key: ecKey })
  const own = create('upstreams', {
    name: 'own.test',
    client_certificate: { id: '00000000-0000-4000-8000-0000000000c1' },
  })
  const bare = create('upstreams', { name: 'bare.test' })
  const row = (id: unknown) => {
    const found = set.get('upstreams', String(id))
    if (!found) throw new Error('no upstream')
    return found
  }
  return { set, create, patch, own: row(own['id']), bare: row(bare['id']) }
}

const node = { cert: 'node cert', key: 'node key' }

test('an upstream shows its own certificate, or that of the node', () => {
  const { set, own, bare } = upstreams()
  const identity = new ProbeIdentity(set, { authorities: ['ca'], certificate: node })
  expect(identity.of(own, true)).toEqual({
    verify: true,
    ca: ['ca'],
    certificate: { cert: ecCert, key: ecKey },
  })
  expect(identity.of(bare, false)).toEqual({ verify: false, ca: ['ca'], certificate: node })
  expect(identity.of(bare, false)).toBe(identity.of(bare, false))
  identity.trust({ authorities: undefined, certificate: undefined })
  expect(identity.of(bare, false)).toEqual({ verify: false })
})

test('a secret is looked up; one that is not there is no certificate', () => {
  const { set, patch, own } = upstreams()
  patch('certificates', '00000000-0000-4000-8000-0000000000c1', { key: '{vault://env/the-key}' })
  const trust = { authorities: undefined, certificate: node }
  expect(new ProbeIdentity(set, trust, { THE_KEY: ecKey }).of(own, true)).toMatchObject({
    certificate: { cert: ecCert, key: ecKey },
  })
  expect(new ProbeIdentity(set, trust, {}).of(own, true)).toEqual({ verify: true })
})
