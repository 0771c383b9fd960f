import fc from 'fast-check'
import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { parseForm } from './form-body.ts'
import { HttpError } from '../http-error.ts'
import { parseMultipart } from './multipart-body.ts'
import { send, testNode } from '../node.fixture.ts'

type Part = readonly [name: string, value: string, more?: string]

const encoder = new TextEncoder()

function multipart(parts: readonly Part[], boundary = 'line'): Uint8Array<ArrayBuffer> {
  const texts = parts.map(([name, value, more = '']) => {
    const escaped = name.replaceAll('"', '%22').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
    const head = `Content-Disposition: form-data; name="${escaped}"${more}`
    return `--${boundary}\r\n${head}\r\n\r\n${value}\r\n`
  })
  return encoder.encode(`${texts.join('')}--${boundary}--\r\n`)
}

const type = (boundary = 'line') => `multipart/form-data; boundary=${boundary}`
const read = (parts: readonly Part[]) => parseMultipart(multipart(parts), type(), 8)

test.each<[readonly Part[], object]>([
  [[['a', '1']], { a: '1' }],
  [
    [
      ['a', '1'],
      ['a', '2'],
    ],
    { a: ['1', '2'] },
  ],
  [
    [
      ['s[1].ip', 'x'],
      ['s[1].port', '1'],
      ['s[2].port', '2'],
    ],
    { s: [{ ip: 'x', port: '1' }, { port: '2' }] },
  ],
  [[['a.b[c]', 'x=1&y=2+3%20']], { a: { b: { c: 'x=1&y=2+3%20' } } }],
  [[['a', '']], { a: '' }],
  [[['f', 'text\r\n', '; filename="f.pem"\r\nContent-Type: text/plain']], { f: 'text\r\n' }],
  [[['é', 'ü']], { é: 'ü' }],
  [[], {}],
])('the parts %j', async (parts, expected) => {
  expect(await read(parts)).toEqual(expected)
})

test('a boundary may stand in quotes, and among other parameters', async () => {
  const body = multipart([['a', '1']], 'simple boundary')
  for (const parameters of [
    'boundary="simple boundary"',
    'charset=utf-8; Boundary="simple boundary"',
  ]) {
    expect(await parseMultipart(body, `Multipart/Form-Data; ${parameters}`, 8)).toEqual({ a: '1' })
  }
})

test.each<[string, Uint8Array<ArrayBuffer>, string]>([
  ['no boundary', multipart([['a', '1']]), 'multipart/form-data'],
  ['an empty boundary', multipart([['a', '1']]), 'multipart/form-data; boundary=""'],
  ['another boundary', multipart([['a', '1']]), type('other')],
  ['no end', multipart([['a', '1']]).slice(0, -12), type()],
  ['no parts', encoder.encode('a=1'), type()],
  ['no UTF-8', new Uint8Array([...multipart([['a', '1']]), 0xff]), type()],
  ['a part without a name', encoder.encode('--line\r\n\r\n1\r\n--line--\r\n'), type()],
])('%s is refused', async (_what, bytes, header) => {
  await expect(parseMultipart(bytes, header, 8)).rejects.toThrow('Cannot parse form body')
})

test('it has bounds', async () => {
  const many = (count: number) => Array.from({ length: count }, (): Part => ['a', '1'])
  await expect(read(many(1001))).rejects.toThrow('Too many arguments')
  expect(await read(many(1000))).toEqual({ a: Array.from({ length: 1000 }, () => '1') })
  await expect(read([[`a${'.b'.repeat(8)}`, '1']])).rejects.toThrow('nested more than 8 levels')
  await expect(read([['a.__proto__.b', '1']])).rejects.toThrow('not allowed')
  expect(await parseMultipart(new Uint8Array(), 'multipart/form-data', 8)).toEqual({})
})

test('an entity is made of parts and files, typed as of a form', async () => {
  const node = testNode()
  const post = (path: string, parts: readonly Part[]) =>
    send(node, `POST ${path}`, Buffer.from(multipart(parts)) as never, { 'content-type': type() })
  expect(
    await post('/certificates', [
      ['cert', ecCert, '; filename="cert.pem"'],
      ['key', ecKey, '; filename="key.pem"'],
      ['snis', 'a.test'],
    ]),
  ).toMatchObject({ status: 201, json: { cert: ecCert, key: ecKey, snis: ['a.test'] } })
  expect(
    await post('/upstreams', [
      ['name', 'pool.test'],
      ['slots', '20'],
      ['healthchecks.active.healthy.interval', '5'],
      ['healthchecks.active.headers.x-a[]', 'b'],
      ['tags[]', 't'],
    ]),
  ).toMatchObject({
    status: 201,
    json: {
      slots: 20,
      tags: ['t'],
      healthchecks: { active: { healthy: { interval: 5 }, headers: { 'x-a': ['b'] } } },
    },
  })
  expect(await post('/services', [['port', 'x']])).toMatchObject({ status: 400, json: { code: 2 } })
})

test('property: parts mean what the same form means', async () => {
  let cases = 0
  const name = fc.oneof(
    fc.stringMatching(/^[a-c](?:\.[a-c]|\[[a-c12]?\]){0,2}$/),
    fc.string({ minLength: 1, maxLength: 5 }),
  )
  // How a part says a quote or a line break; there is no way to say these letters themselves.
  const sayable = name.filter((text) => !/%(?:22|0a|0d)/i.test(text))
  const pairs = fc.array(fc.tuple(sayable, fc.string({ unit: 'grapheme' })), { maxLength: 6 })
  await fc.assert(
    fc.asyncProperty(pairs, async (list) => {
      cases++
      const sound = list.filter(([key, value]) => `${key}${value}`.isWellFormed())
      const form = encoder.encode(String(new URLSearchParams(sound)))
      expect(await outcome(async () => read(sound))).toEqual(
        await outcome(async () => parseForm(form, 8)),
      )
    }),
    { numRuns: 500 },
  )
  process.stdout.write(`multipart bodies compared with forms: ${cases}\n`)
})

test('property: any bytes are read or refused', async () => {
  let cases = 0
  const piece = fc.oneof(
    fc.constantFrom('--line', '\r\n', '--', 'Content-Disposition: form-data; name="a"', '\r\n\r\n'),
    fc.string(),
  )
  const bytes = fc.oneof(
    fc.array(piece, { maxLength: 12 }).map((list) => encoder.encode(list.join(''))),
    fc.uint8Array({ maxLength: 60 }).map((array) => new Uint8Array(array)),
  )
  const header = fc.oneof(
    fc.constant(type()),
    fc.string().map((text) => `multipart/form-data;${text}`),
  )
  await fc.assert(
    fc.asyncProperty(bytes, header, async (body, contentType) => {
      cases++
      expect(await outcome(() => parseMultipart(body, contentType, 8))).not.toBe('failed')
    }),
    { numRuns: 1000 },
  )
  process.stdout.write(`arbitrary multipart bodies: ${cases}\n`)
})

/** What comes of it: fields, or the words of a refusal. */
async function outcome(act: () => Promise<object>): Promise<unknown> {
  try {
    return await act()
  } catch (error) {
    return error instanceof HttpError && error.status === 400 ? error.message : 'failed'
  }
}
