import { expect, test } from 'vitest'
import { ecCert, ecKey } from '../../entities/pem.fixture.ts'
import { etagOf } from './etag.ts'
import { send, testNode } from '../node.fixture.ts'

const tagOf = (answer: Awaited<ReturnType<typeof send>>) => String(answer.headers['etag'])

test('every answer that is one row has its entity tag; the same row has the same', async () => {
  const node = testNode()
  const made = await send(node, 'POST /services', 'name=s&host=h')
  expect(tagOf(made)).toBe(etagOf(made.json ?? {}))
  await send(node, 'POST /services/s/routes', 'name=r&protocols=tcp&sources[1].port=1')
  for (const path of ['/services/s', '/routes/r/service']) {
    expect(tagOf(await send(node, `GET ${path}`))).toBe(tagOf(made))
    expect(tagOf(await send(node, `HEAD ${path}`))).toBe(tagOf(made))
  }
  const changed = await send(node, 'PATCH /services/s', 'retries=1')
  expect(tagOf(changed)).not.toBe(tagOf(made))
  expect(tagOf(await send(node, 'GET /services/s'))).toBe(tagOf(changed))
  const replaced = await send(node, 'PUT /services/s', 'host=h')
  expect(tagOf(replaced)).toBe(tagOf(made))
  expect(tagOf(await send(node, 'GET /services/s/routes/r'))).toMatch(/^"[^"]+"$/)
  for (const path of ['/services', '/services/nobody', '/tags', '/']) {
    expect((await send(node, `GET ${path}`)).headers['etag']).toBeUndefined()
  }
})

test('the tag of a certificate tells its SNIs, too', async () => {
  const node = testNode()
  const made = await send(node, 'POST /certificates', {
    cert: ecCert,
    key: ecKey,
    snis: ['a.test'],
  })
  const path = `/certificates/${String(made.json?.['id'])}`
  expect(tagOf(await send(node, `GET ${path}`))).toBe(tagOf(made))
  await send(node, `POST ${path}/snis`, 'name=b.test')
  const now = tagOf(await send(node, `GET ${path}`))
  expect(now).not.toBe(tagOf(made))
  const stale = { 'if-match': tagOf(made) }
  expect(await send(node, `PATCH ${path}`, { tags: ['x'] }, stale)).toMatchObject({ status: 412 })
  const fresh = await send(node, 'PATCH /certificates/b.test', { tags: ['x'] }, { 'if-match': now })
  expect(fresh).toMatchObject({ status: 200, json: { snis: ['a.test', 'b.test'], tags: ['x'] } })
  expect(tagOf(await send(node, `GET ${path}`))).toBe(tagOf(fresh))
})

test('a client that has it already gets 304 and nothing', async () => {
  const node = testNode()
  const made = await send(node, 'POST /services', 'name=s&host=h')
  for (const known of [tagOf(made), `W/${tagOf(made)}`, `"x", ${tagOf(made)}`, '*']) {
    const answer = await node.app.inject({
      url: '/services/s',
      headers: { 'if-none-match': known },
    })
    expect([answer.statusCode, answer.body]).toEqual([304, ''])
    expect(answer.headers['etag']).toBe(tagOf(made))
  }
  expect(await send(node, 'GET /services/s', undefined, { 'if-none-match': '"x"' })).toMatchObject({
    status: 200,
    json: made.json,
  })
  expect(await send(node, 'GET /services/s', undefined, { 'if-match': '"x"' })).toMatchObject({
    status: 412,
  })
})

test('If-Match: a write of something else, or of nothing, changes nothing', async () => {
  const node = testNode()
  const made = await send(node, 'POST /services', 'name=s&host=h')
  await send(node, 'POST /services/s/routes', 'name=r&protocols=tcp&sources[1].port=1')
  const before = JSON.stringify(node.set.snapshot().rows)
  const body = { host: 'other' }
  for (const condition of ['"x"', `W/${tagOf(made)}`, 'x', '']) {
    for (const method of ['PATCH', 'PUT', 'DELETE']) {
      const payload = method === 'DELETE' ? undefined : body
      const headers = { 'if-match': condition }
      expect(await send(node, `${method} /services/s`, payload, headers)).toMatchObject({
        status: 412,
        json: { message: expect.stringMatching(/If-Match/) },
      })
      expect(
        await send(node, `${method} /services/s/routes/r`, payload && {}, headers),
      ).toMatchObject({ status: 412 })
    }
    for (const method of ['PATCH', 'PUT']) {
      const headers = { 'if-match': condition }
      expect(await send(node, `${method} /routes/r/service`, body, headers)).toMatchObject({
        status: 412,
      })
    }
  }
  for (const method of ['PATCH', 'PUT']) {
    expect(await send(node, `${method} /services/n`, body, { 'if-match': '*' })).toMatchObject({
      status: 412,
    })
  }
  expect(JSON.stringify(node.set.snapshot().rows)).toBe(before)
  const match = { 'if-match': `"x", ${tagOf(made)}` }
  expect(await send(node, 'PUT /services/s', body, match)).toMatchObject({ status: 200 })
  expect(await send(node, 'PATCH /services/s', body, { 'if-match': '*' })).toMatchObject({
    status: 200,
  })
  await send(node, 'DELETE /routes/r', undefined, { 'if-match': '*' })
  expect(await send(node, 'DELETE /services/s', undefined, { 'if-match': '*' })).toMatchObject({
    status: 204,
  })
  expect(node.set.count('services')).toBe(0)
})

test('If-None-Match: * makes PUT create, and nothing else', async () => {
  const node = testNode()
  const only = { 'if-none-match': '*' }
  expect(await send(node, 'PUT /services/s', { host: 'a' }, only)).toMatchObject({ status: 200 })
  expect(await send(node, 'PUT /services/s', { host: 'b' }, only)).toMatchObject({ status: 412 })
  expect(await send(node, 'GET /services/s')).toMatchObject({ json: { host: 'a' } })
})

test('a wrong body does not hide that the row has changed', async () => {
  const node = testNode()
  await send(node, 'POST /services', 'name=s&host=h')
  const stale = { 'if-match': '"x"' }
  expect(await send(node, 'PATCH /services/s', { port: 'x' }, stale)).toMatchObject({ status: 412 })
})
