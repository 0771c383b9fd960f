import { expect, test } from 'vitest'
import type { RunningGateway } from '../support/gateway.ts'
import { startGateway } from '../support/gateway.ts'
import { hold, send } from './hold.ts'
import type { Case } from './hold.ts'

const badTags = (fault: string): object => ({
  code: 11,
  name: 'invalid options',
  message: `invalid option (tags: ${fault})`,
  options: { tags: fault },
})

const cases: readonly Case[] = [
  ['an empty list is a list', 'GET /routes', undefined, 200, { data: [], next: null }],
  ['what nobody asks for is ignored', 'GET /services?foo=bar&name=x', undefined, 200, {}],
  [
    'a size is a number',
    'GET /services?size=x',
    undefined,
    400,
    { code: 9, name: 'invalid size', message: 'size must be a number' },
  ],
  [
    '… from 1',
    'GET /services?size=0',
    undefined,
    400,
    { code: 9, message: 'size must be an integer between 1 and 1000' },
  ],
  ['… to 1000', 'GET /services?size=1001', undefined, 400, { code: 9 }],
  ['… below a parent too', 'GET /services/s0/routes?size=0', undefined, 400, { code: 9 }],
  [
    'an offset is base64',
    'GET /services?offset=x',
    undefined,
    400,
    { code: 7, name: 'invalid offset', message: "'x' is not a valid offset: bad base64 encoding" },
  ],
  [
    '… of JSON',
    'GET /services?offset=eA%3D%3D',
    undefined,
    400,
    { code: 7, message: "'eA==' is not a valid offset: bad json encoding" },
  ],
  ['no tag', 'GET /services?tags=', undefined, 400, badTags('cannot be null')],
  ['both and either', 'GET /services?tags=a,b/c', undefined, 400, badTags('invalid filter syntax')],
  ['either and both', 'GET /services?tags=a/b,c', undefined, 400, badTags('invalid filter syntax')],
  [
    'six tags',
    'GET /services?tags=a,b,c,d,e,f',
    undefined,
    400,
    badTags('cannot query more than 5 tags'),
  ],
  ['tags of an unknown name are none', 'GET /tags/none', undefined, 200, { data: [], next: null }],
]

/** Follows the lists as clients do: by the offset, until there is none. */
async function pages(gateway: RunningGateway, path: string, size: number): Promise<string[][]> {
  const found: string[][] = []
  let offset: string | undefined
  do {
    const after = offset === undefined ? '' : `&offset=${encodeURIComponent(offset)}`
    const { body } = await send(
      gateway,
      `GET ${path}${path.includes('?') ? '&' : '?'}size=${size}${after}`,
      undefined,
    )
    found.push(body.data.map((row: { id: string }) => row.id))
    offset = body.offset
    expect(body.next === null).toBe(offset === undefined)
    if (body.next !== null)
      expect((await send(gateway, `GET ${body.next}`, undefined)).status).toBe(200)
  } while (offset !== undefined)
  return found
}

test('lists, pages and tags keep to the contract', async () => {
  const gateway = await startGateway()
  for (let i = 0; i < 10; i += 1) {
    const tags = ['all of it', i % 2 === 0 ? 'even' : '🦍']
    await gateway.create('/services', { name: `s${i}`, host: 'h', tags })
  }
  await hold(gateway, cases)

  const found = await pages(gateway, '/services', 3)
  expect(found.map((page) => page.length)).toEqual([3, 3, 3, 1])
  expect(new Set(found.flat()).size).toBe(10)
  expect(found.flat().toSorted()).toEqual(found.flat())

  const count = async (tags: string): Promise<number> =>
    (await pages(gateway, `/services?tags=${encodeURI(tags)}`, 2)).flat().length
  expect(await count('all of it')).toBe(10)
  expect(await count('all of it,even')).toBe(5)
  expect(await count('even/🦍')).toBe(10)
  expect(await count('even,🦍')).toBe(0)

  const { body } = await send(gateway, 'GET /tags/all%20of%20it?size=4', undefined)
  expect(body.data).toHaveLength(4)
  expect(body.data[0]).toEqual({
    tag: 'all of it',
    entity_name: 'services',
    entity_id: expect.any(String),
  })
})
