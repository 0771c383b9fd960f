import { expect, test } from 'vitest'
import { errorOf, world } from '../plan.fixture.ts'
import { testTime } from '../world.fixture.ts'

function pool() {
  const all = world()
  const upstream = all.create('upstreams', { name: 'pool.test' })
  const reference = { upstream: { id: String(upstream['id']) } }
  return {
    ...all,
    upstream,
    add: (body: object) => all.create('targets', { ...reference, ...body }),
  }
}

test('a target is complete, its port too; its times have milliseconds', () => {
  const { add, upstream, context } = pool()
  const now = context.now()
  Object.assign(context, { now: () => now + 123 })
  expect(add({ target: 'a.test' })).toEqual({
    id: '00000000-0000-4000-8000-000000000002',
    created_at: testTime + 0.123,
    updated_at: testTime + 0.123,
    tags: null,
    upstream: { id: upstream['id'] },
    target: 'a.test:8000',
    weight: 100,
  })
})

test.each([
  ['1.2.3.4', '1.2.3.4:8000'],
  ['1.2.3.4:80', '1.2.3.4:80'],
  ['a_b.test:80', 'a_b.test:80'],
  ['::1', '[0000:0000:0000:0000:0000:0000:0000:0001]:8000'],
  ['[2001:DB8::a:0]:443', '[2001:0db8:0000:0000:0000:0000:000a:0000]:443'],
  ['::', '[0000:0000:0000:0000:0000:0000:0000:0000]:8000'],
  ['::ffff:1.2.3.4', '[0000:0000:0000:0000:0000:ffff:0102:0304]:8000'],
])('the target %s is stored as %s', (target, stored) => {
  expect(pool().add({ target })).toMatchObject({ target: stored })
})

test.each([
  'a b',
  'a:b',
  'a.test:70000',
  '1.2.3',
  '1.2.3.4.5',
  '[::1',
  '[::1]:x',
  'a-.test',
  'a..test',
  '[fe80::1%eth0]:80',
])('%s is no target', (target) => {
  const { add } = pool()
  expect(errorOf(() => add({ target }))).toMatchObject({
    code: 2,
    fields: { target: `Invalid target ('${target}'); not a valid hostname or ip address` },
  })
})

test('a target belongs to one upstream that exists, once', () => {
  const { add, create, upstream } = pool()
  expect(errorOf(() => create('targets', { target: 'a.test' }))).toMatchObject({
    fields: { upstream: 'required field missing' },
  })
  add({ target: '[::1]:80' })
  expect(errorOf(() => add({ target: '[0::1]:80' }))).toMatchObject({
    code: 5,
    message: `UNIQUE violation detected on '{target="[0000:0000:0000:0000:0000:0000:0000:0001]:80",upstream={id="${String(upstream['id'])}"}}'`,
  })
  const other = create('upstreams', { name: 'other.test' })
  create('targets', { target: '[::1]:80', upstream: { name: 'other.test' } })
  expect(other['name']).toBe('other.test')
})

test('a target goes with its upstream', () => {
  const { add, remove, set } = pool()
  add({ target: 'a.test' })
  remove('upstreams', 'pool.test')
  expect(set.count('targets')).toBe(0)
})

test('weights reach from 0 to 65535', () => {
  const { add } = pool()
  expect(add({ target: 'a.test', weight: 0 })).toMatchObject({ weight: 0 })
  expect(errorOf(() => add({ target: 'b.test', weight: 65_536 }))).toMatchObject({
    fields: { weight: 'value should be between 0 and 65535' },
  })
})
