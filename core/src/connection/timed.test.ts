import { PassThrough, Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { instanceOf } from '../pipeline/instances.fixture.ts'
import { Attached } from './attached.ts'

/** Holds up the event loop for longer than a plugin may without being named. */
function hold(): void {
  const until = performance.now() + 120
  while (performance.now() < until) continue
}

const slow = () =>
  new Transform({
    transform: (chunk, _encoding, done) => {
      hold()
      done(null, chunk)
    },
  })

test('an observer that holds up the event loop has its stall counted, and nobody else', async () => {
  const [good, bad] = [await instanceOf('good'), await instanceOf('bad')]
  const attached = new Attached()
  attached.observe(good, 'upload', () => undefined)
  attached.observe(bad, 'upload', hold)
  for (const see of attached.observers.upload) see(new Uint8Array(1))
  expect([good.conduct.stats.stalls, bad.conduct.stats.stalls]).toEqual([0, 1])
  expect(bad.conduct.stats.longestStall).toBeGreaterThanOrEqual(100)
})

test('of transforms in a row only that which holds up is counted', async () => {
  const [first, second] = [await instanceOf('first'), await instanceOf('second')]
  const attached = new Attached()
  attached.through(first, 'upload', new PassThrough())
  attached.through(second, 'upload', slow())
  const [before, after] = attached.transforms.upload
  if (!before || !after) throw new Error('there are two')
  const told = new Promise((resolve) => after.once('data', resolve))
  before.pipe(after)
  before.write('x')
  await told
  expect([first.conduct.stats.stalls, second.conduct.stats.stalls]).toEqual([0, 1])
})

test('in shadow mode, too', async () => {
  const instance = await instanceOf('shadow')
  const attached = new Attached()
  attached.spectate(instance, 'upload', slow(), () => undefined)
  for (const see of attached.observers.upload) see(new Uint8Array(1))
  expect(instance.conduct.stats.stalls).toBe(1)
})
