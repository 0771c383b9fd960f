import { expect, test } from 'vitest'
import { Stall } from './stall.mjs'

function make(endAfter: number) {
  let beats = 0
  const stall = new Stall(() => beats, endAfter)
  return {
    stall,
    beat: () => void (beats += 1),
    looks: (count: number) => Array.from({ length: count }, () => stall.look()),
  }
}

test('a loop that beats is well, however seldom it is looked at', () => {
  const { beat, looks } = make(3_000)
  for (let i = 0; i < 30; i++) {
    beat()
    expect(looks(3)).toEqual([undefined, undefined, undefined])
  }
})

test('one that stands still is named once, and ended again and again', () => {
  const { stall, beat, looks } = make(2_000)
  beat()
  looks(1)
  expect(looks(10)).toEqual([
    undefined,
    undefined,
    undefined,
    'name',
    undefined,
    undefined,
    undefined,
    'end',
    'end',
    'end',
  ])
  expect(stall.milliseconds).toBe(2_500)
  beat()
  expect(looks(4)).toEqual([undefined, undefined, undefined, undefined])
  expect(looks(1)).toEqual(['name'])
})

test('one that is ended early is not named before', () => {
  const { looks } = make(500)
  expect(looks(3)).toEqual([undefined, 'end', 'end'])
})
