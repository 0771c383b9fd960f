import { expect, test } from 'vitest'
import type { Json, RunningGateway } from '../support/gateway.ts'
import { startGateway } from '../support/gateway.ts'
import { send } from './hold.ts'
import { id, order, seen, target } from './target.ts'

/** Lists as a declarative client reads them before it writes, but for the SNIs of certificates: it lists those too. */
async function dump(gateway: RunningGateway, query: string): Promise<Record<string, Json[]>> {
  const lists = order.map(async (name) => {
    const { status, body } = await send(gateway, `GET /${name}?size=1000${query}`, undefined)
    expect(status).toBe(200)
    expect(body).not.toHaveProperty('offset')
    const rows = body.data.map((row: Json) => seen(row))
    return [name, name === 'certificates' ? rows.map(withoutNames) : rows]
  })
  return Object.fromEntries(await Promise.all(lists))
}

function withoutNames(row: Json): Json {
  return Object.fromEntries(Object.entries(row).filter(([name]) => name !== 'snis'))
}

test('a declarative client finds no difference in what it has written', async () => {
  const gateway = await startGateway()
  const nothing = Object.fromEntries(order.map((name) => [name, []]))
  expect(await dump(gateway, '')).toEqual(nothing)

  const wanted = await target(gateway)
  const rows = order.flatMap((name) => (wanted[name] ?? []).map((row) => ({ name, row })))
  for (const { name, row } of rows) {
    const tried = await send(gateway, `POST /schemas/${name}/validate`, row)
    const written = await send(gateway, `PUT /${name}/${row.id}`, row)
    expect.soft([tried, written]).toMatchObject([{ status: 200 }, { status: 200, body: seen(row) }])
  }
  const there = await dump(gateway, '&tags=managed/other')
  const [route] = there['routes'] ?? []
  expect(route.destinations).toEqual([{ ip: null, port: 5432 }])
  expect({ ...there, routes: [{ ...route, destinations: [{ port: 5432 }] }] }).toEqual(wanted)

  for (const { name, row } of rows.toReversed()) {
    const gone = await send(gateway, `DELETE /${name}/${row.id}`, undefined)
    const again = await send(gateway, `DELETE /${name}/${row.id}`, undefined)
    expect.soft([name, gone.status, again.status]).toEqual([name, 204, 204])
  }
  expect(await dump(gateway, '')).toEqual(nothing)
})

test('an update by PUT keeps the birthday that it sends, and the ids of SNIs that it names', async () => {
  const gateway = await startGateway()
  const {
    certificates = [],
    services = [],
    snis = [],
    ca_certificates = [],
  } = await target(gateway)
  const rows = [certificates[0], ca_certificates[0], services[0], snis[0]]
  const names = ['certificates', 'ca_certificates', 'services', 'snis']
  for (const [index, row] of rows.entries())
    await send(gateway, `PUT /${names[index]}/${row.id}`, row)

  const changed = { ...services[0], retries: 1, created_at: 1_234_567_890 }
  expect(await send(gateway, `PUT /services/${id(3)}`, changed)).toMatchObject({
    status: 200,
    body: { retries: 1, created_at: 1_234_567_890 },
  })
  const renewed = { ...certificates[0], snis: ['db.test', 'new.test'] }
  expect(await send(gateway, `PUT /certificates/${id(1)}`, renewed)).toMatchObject({
    status: 200,
    body: { snis: ['db.test', 'new.test'] },
  })
  expect((await send(gateway, 'GET /snis/db.test', undefined)).body.id).toBe(id(4))
})
