import { gzipSync } from 'node:zlib'
import { expect, test } from 'vitest'
import { fetchSource } from './fetch-source.ts'
import { sourceServer } from './source-server.fixture.ts'
import type { Edition, SourceTerms } from './source.ts'

const terms: SourceTerms<string> = {
  timeout: 30_000,
  limit: 1000,
  accept: 'text/plain',
  tls: { verify: true, ca: undefined },
  read: async (bytes) => {
    if (bytes.length === 0) throw new Error('it is empty')
    return bytes.toString()
  },
}
const fetched = (url: string, known?: Edition<string>, more: Partial<SourceTerms<string>> = {}) =>
  fetchSource(url, known, { ...terms, ...more }, new AbortController().signal)

test('a list is asked for once, then only whether it has changed', async () => {
  const server = await sourceServer((request, response) => {
    const isKnown = request.headers['if-none-match'] === '"1"'
    if (isKnown) response.writeHead(304).end()
    else response.writeHead(200, { etag: '"1"', 'last-modified': 'yesterday' }).end('10.0.0.1\n')
  })
  const first = await fetched(`${server.url}/list?token=1`)
  expect(first).toMatchObject({ content: '10.0.0.1\n', etag: '"1"' })
  expect(await fetched(server.url, first)).toBe(first)
  expect(server.heard).toMatchObject([
    { path: '/list?token=1', headers: { accept: 'text/plain', 'accept-encoding': 'identity' } },
    { headers: { 'if-none-match': '"1"', 'if-modified-since': 'yesterday' } },
  ])
  expect(server.heard[0]?.headers).not.toHaveProperty('if-none-match')
})

test('redirects are followed, and a password goes to nobody else', async () => {
  const last = await sourceServer((_request, response) => response.end('10.0.0.1\n'))
  const first = await sourceServer((request, response) => {
    const location = request.url === '/' ? '/again' : `${last.url}/end`
    response.writeHead(302, { location }).end()
  })
  const url = first.url.replace('//', '//user:word@')
  expect(await fetched(url)).toMatchObject({ content: '10.0.0.1\n' })
  const authorization = `Basic ${btoa('user:word')}`
  expect(first.heard).toMatchObject([
    { headers: { authorization } },
    { headers: { authorization } },
  ])
  expect(last.heard[0]?.headers).not.toHaveProperty('authorization')
})

test.each<[string, Parameters<typeof sourceServer>[0], string | RegExp]>([
  [
    'a status',
    (_, response) => response.writeHead(503).end('10.0.0.1'),
    'answered with status 503',
  ],
  ['not modified for nobody', (_, response) => response.writeHead(304).end(), 'status 304'],
  ['what must not be used', (_, response) => response.end(), 'it is empty'],
  [
    'a circle',
    (_, response) => response.writeHead(301, { location: '/' }).end(),
    'redirected more than 5',
  ],
  [
    'another kind of place',
    (_, response) => response.writeHead(301, { location: 'file:///etc/x' }).end(),
    'from http: to file:',
  ],
  [
    'no address',
    (_, response) => response.writeHead(301, { location: 'http://[' }).end(),
    /invalid url/i,
  ],
  ['too much', (_, response) => response.end('10.0.0.1\n'.repeat(200)), 'larger than 1000 bytes'],
  [
    'a coding',
    (_, response) =>
      response.writeHead(200, { 'content-encoding': 'gzip' }).end(gzipSync('10.0.0.1')),
    'encoded as gzip',
  ],
  [
    'an answer that is cut off',
    (_, response) => {
      response.writeHead(200, { 'content-length': '100' })
      response.write('10.0.0.1\n', () => response.destroy())
    },
    'aborted',
  ],
])('%s is refused', async (_what, answer, message) => {
  const { url } = await sourceServer(answer)
  await expect(fetched(url)).rejects.toThrow(message)
})

test('a server that begins and never ends costs a timeout', async () => {
  const { url } = await sourceServer((_request, response) => void response.write('10.0.0.1\n'))
  await expect(fetched(url, undefined, { timeout: 50 })).rejects.toThrow(
    'no whole answer within 50 ms',
  )
})

test('nobody waits any more when the instance ends', async () => {
  const over = new AbortController()
  const { url } = await sourceServer(() => over.abort())
  await expect(fetchSource(url, undefined, terms, over.signal)).rejects.toThrow('aborted')
})
