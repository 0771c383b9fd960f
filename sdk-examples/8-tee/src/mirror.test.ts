import { expect, test } from 'vitest'
import { listen } from './listen.fixture.ts'
import { Mirror } from './mirror.ts'

const chunk = Buffer.alloc(1000)

test('what does not fit into the buffer ends the copy, and is told once', async () => {
  const second = await listen((socket) => void socket.pause())
  const told: string[] = []
  const mirror = new Mirror({ ...second, buffer: 1024 }, (reason) => told.push(reason))
  for (let count = 0; count < 4; count++) mirror.write(chunk)
  expect(told).toEqual(['the second server is too slow'])
  mirror.end()
  expect(told).toHaveLength(1)
})

test('a server that hangs up is told, one that was let go is not', async () => {
  const second = await listen((socket) => void socket.destroy())
  const told: string[] = []
  const kept = new Mirror({ ...second, buffer: 1024 }, (reason) => told.push(reason))
  const dropped = new Mirror({ ...second, buffer: 1024 }, () => told.push('never'))
  dropped.abandon()
  dropped.write(chunk)
  await expect.poll(() => told).toEqual(['the second server hung up'])
  kept.write(chunk)
  expect(told).toHaveLength(1)
})
