import { PassThrough, Transform } from 'node:stream'
import { expect, test } from 'vitest'
import { openLane, relay } from './relay.ts'

const lanes = () => ({ upload: openLane(), download: openLane() })
const bytes = (...texts: string[]) => texts.map((text) => Buffer.from(text))
const text = (sent: readonly Buffer[]) => Buffer.concat(sent).toString()

test('moves both directions and counts both sides', async () => {
  const attached = lanes()
  const twice = () =>
    new Transform({
      transform: (chunk: Buffer, _, done) => done(null, Buffer.concat([chunk, chunk])),
    })
  attached.upload.transforms.push(twice(), twice())
  const { upload, download, error } = await relay(
    attached,
    bytes('ab'),
    () => bytes('x', 'y'),
    true,
  )
  expect(error).toBeUndefined()
  expect([upload.received, text(upload.sent)]).toEqual([2, 'abababab'])
  expect([download.received, text(download.sent)]).toEqual([2, 'xy'])
})

test('an answer can be made from everything the upstream received', async () => {
  const { download } = await relay(
    lanes(),
    bytes('a', 'b'),
    (upload) => bytes(`got ${Buffer.from(upload).toString()}`),
    false,
  )
  expect(text(download.sent)).toBe('got ab')
})

test('a transform that closes early cuts the stream, and that is an error', async () => {
  const attached = lanes()
  const early = new PassThrough()
  attached.upload.transforms.push(early)
  attached.upload.observers.push(() => early.destroy())
  const { error, upload } = await relay(attached, bytes('a'), () => bytes('never'), false)
  expect(error).toMatchObject({ message: 'its transform closed before the end of the stream' })
  expect(text(upload.sent)).toBe('')
})

test('the first error ends both directions and every transform', async () => {
  const attached = lanes()
  const bystander = new PassThrough()
  attached.download.transforms.push(bystander)
  attached.upload.observers.push(() => {
    throw new Error('first')
  })
  const { error } = await relay(attached, bytes('a'), () => bytes('never'), false)
  expect(error).toMatchObject({ message: 'first' })
  expect(bystander.destroyed).toBe(true)
})
