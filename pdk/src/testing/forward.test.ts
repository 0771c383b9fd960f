import { expect, test } from 'vitest'
import { fillIn } from './dial.ts'
import { Destination } from './forward.ts'

const other = { name: 'other', id: 'o', host: 'other.test', port: 7 }

test('by name or id; the first call that leads somewhere decides', () => {
  for (const service of ['other', 'o']) {
    const destination = new Destination(fillIn({ services: [other] }))
    expect(destination.forward({ service: 'nobody' })).toBe(false)
    expect(destination.forward({ service })).toBe(true)
    expect(destination.forward({ host: 'late.test' })).toBe(false)
    expect(destination).toMatchObject({ isChosen: true, service: other })
  }
})

test('to another host, with the port of the service unless stated', () => {
  const to = (where: { host: string; port?: number }) => {
    const destination = new Destination(fillIn({ service: { name: 'up', port: 5 } }))
    expect(destination.forward(where)).toBe(true)
    return destination.service
  }
  expect(to({ host: 'a.test' })).toMatchObject({ name: 'up', host: 'a.test', port: 5 })
  expect(to({ host: 'a.test', port: 6 })).toMatchObject({ host: 'a.test', port: 6 })
})

test('without a service there are no settings to keep', () => {
  const destination = new Destination(fillIn({ service: null }))
  expect(destination.forward({ host: 'a.test' })).toBe(false)
  expect(destination.service).toBeUndefined()
})
