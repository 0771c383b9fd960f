import { Socket } from 'node:net'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { Wire } from './wire.ts'

function emptyWire(): Wire {
  const socket = new Socket()
  return new Wire(socket, socket, false)
}

test('what is held comes out once, in order, whatever was skipped between', () => {
  const step = fc.record({
    chunk: fc.uint8Array({ minLength: 1, maxLength: 3000 }),
    skip: fc.nat(4000),
  })
  fc.assert(
    fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
      const wire = emptyWire()
      let model = Buffer.alloc(0)
      for (const { chunk, skip } of steps) {
        const before = wire.held
        const copy = Buffer.from(before)
        wire.hold(Buffer.from(chunk))
        model = Buffer.concat([model, chunk])
        expect(before.equals(copy)).toBe(true)
        expect(wire.held.equals(model)).toBe(true)
        const count = Math.min(skip, wire.heldLength)
        wire.skip(count)
        model = model.subarray(count)
      }
      expect(wire.release().equals(model)).toBe(true)
      expect(wire.release()).toHaveLength(0)
    }),
  )
})

test('only held bytes can be skipped', () => {
  const wire = emptyWire()
  wire.hold(Buffer.from('abc'))
  for (const count of [4, -1, Number.NaN]) expect(() => wire.skip(count)).toThrow(RangeError)
  expect(wire.held.toString()).toBe('abc')
})

test('a chunk that is held is never written over', () => {
  const wire = emptyWire()
  const slab = Buffer.from('abcdef')
  wire.hold(slab.subarray(0, 3))
  wire.hold(Buffer.from('xyz'))
  expect(slab.toString()).toBe('abcdef')
  expect(wire.held.toString()).toBe('abcxyz')
})
