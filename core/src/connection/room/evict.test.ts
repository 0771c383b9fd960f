import { expect, onTestFinished, test, vi } from 'vitest'
import { fakeInbound, fakeRelay, hostOf } from '../connection.fixture.ts'
import { evict } from './evict.ts'
import { Session } from '../session.ts'

test('a session ends in order, and is cut off when that takes too long', async () => {
  vi.useFakeTimers()
  onTestFinished(() => void vi.useRealTimers())
  const host = await hostOf()
  const how: string[] = []
  const start = () => {
    const session = new Session(fakeInbound([]), host)
    session.relay = fakeRelay(
      { by: 'gateway', how: 'stopped' },
      { stop: (way) => void how.push(way) },
    )
    host.live.add(session)
    evict(session)
    return session
  }
  const [stubborn, meek] = [start(), start()]
  expect(stubborn.stopped).toMatchObject({ ending: 'gateway.target.unhealthy' })
  host.live.delete(meek)
  vi.advanceTimersByTime(1000)
  expect(how).toEqual(['fin', 'fin', 'rst'])
})
