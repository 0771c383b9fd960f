import { expect, test } from 'vitest'
import { create, errorOf, world } from './plan.fixture.ts'

const entities = [
  ['services', { host: 'a.test', protocol: 'tcp' }],
  ['upstreams', { name: 'a.test' }],
] as const
const tlvs = (custom: object) => ({ proxy_protocol: 'v2', proxy_protocol_tlvs: { custom } })

test.each(entities)('%s tell the upstream who the client is', (entity, body) => {
  expect(create(entity, body)).not.toHaveProperty('proxy_protocol')
  expect(create(entity, { ...body, proxy_protocol: 'v1' })).toMatchObject({ proxy_protocol: 'v1' })
  const custom = { '0xE0': 'x', '0xe4': 'bücher', '0xEF': 'z' }
  const wanted = { authority: true, ssl: false, custom }
  const row = create(entity, { ...body, proxy_protocol: 'v2', proxy_protocol_tlvs: wanted })
  expect(row).toMatchObject({ proxy_protocol: 'v2', proxy_protocol_tlvs: wanted })
})

const beyond = 'expected a type from 0xE0 to 0xEF'
const onlyV2 = "can only be set when 'proxy_protocol' is 'v2'"

test.each<[body: object, fields: object]>([
  [{ proxy_protocol: 'v3' }, { proxy_protocol: 'expected one of: v1, v2' }],
  [{ proxy_protocol: 'v1', proxy_protocol_tlvs: {} }, { proxy_protocol_tlvs: onlyV2 }],
  [{ proxy_protocol_tlvs: { alpn: true } }, { proxy_protocol_tlvs: onlyV2 }],
  [
    { proxy_protocol: 'v2', proxy_protocol_tlvs: { sni: true } },
    { proxy_protocol_tlvs: { sni: 'unknown field' } },
  ],
  ...['0xDF', '0xF0', '0xF7', '0x02', 'E4', '228', '0xE', '0xE44', '0xE4 ', ''].map(
    (type): [object, object] => [
      tlvs({ [type]: 'x' }),
      { proxy_protocol_tlvs: { custom: { [type]: beyond } } },
    ],
  ),
  [
    tlvs({ '0xE4': 'x', '0xe4': 'y' }),
    { proxy_protocol_tlvs: { custom: { '0xe4': 'this type is there twice' } } },
  ],
  [tlvs({ '0xE4': 1 }), { proxy_protocol_tlvs: { custom: { '0xE4': 'expected a string' } } }],
  [
    tlvs({ '0xE4': 'é'.repeat(511) }),
    {
      proxy_protocol_tlvs: {
        custom: 'length must be at most 1024 bytes, 3 more for each type',
      },
    },
  ],
])('%j is refused', (body, fields) => {
  for (const [entity, rest] of entities) {
    const { create: make } = world()
    expect(errorOf(() => make(entity, { ...rest, ...body }))).toMatchObject({ code: 2, fields })
  }
})

test('1024 bytes are the most, with what frames them', () => {
  const fits = (length: number) => tlvs({ '0xE4': 'x'.repeat(length - 10), '0xE5': 'yyyy' })
  const body = { host: 'a.test', protocol: 'tcp' }
  expect(create('services', { ...body, ...fits(1024) })).toMatchObject({ proxy_protocol: 'v2' })
  expect(errorOf(() => create('services', { ...body, ...fits(1025) }))).toMatchObject({ code: 2 })
})
