import { expect, test } from 'vitest'
import { Recovery } from './recovery.ts'

function recoveryOf(random = 0) {
  const told: string[] = []
  let over = (): void => {}
  const recovery = new Recovery(
    {
      random: () => random,
      speaksFirst: (milliseconds) => void told.push(`speaks ${milliseconds}`),
      pause: (milliseconds, call) => {
        told.push(`pause ${milliseconds}`)
        over = call
        return () => void told.push('called off')
      },
    },
    () => void told.push('over'),
  )
  return { recovery, told, pass: () => over() }
}

test('rests double up to a limit; what fails during one makes it no longer', () => {
  const { recovery, told, pass } = recoveryOf()
  for (let count = 0; count < 8; count++) {
    recovery.rest()
    recovery.rest()
    expect(recovery.isResting).toBe(true)
    pass()
    expect(recovery.isResting).toBe(false)
  }
  const pauses = told.filter((word) => word !== 'over')
  expect(pauses).toEqual([100, 200, 400, 800, 1600, 3200, 5000, 5000].map((ms) => `pause ${ms}`))
})

test('rests are shorter by chance, and short again after something was of use', () => {
  const { recovery, told, pass } = recoveryOf(0.5)
  recovery.rest()
  pass()
  recovery.well()
  recovery.rest()
  expect(told).toEqual(['pause 75', 'over', 'pause 75'])
})

test('one word first is forgiven, a second one is not, and a third one after the silence is too many', () => {
  const { recovery, told, pass } = recoveryOf()
  recovery.spoke()
  expect(told).toEqual([])
  recovery.spoke()
  recovery.spoke()
  expect(told).toEqual(['speaks 60000', 'pause 60000'])
  pass()
  recovery.spoke()
  expect(told.slice(3)).toEqual(['speaks 120000', 'pause 120000'])
})

test('a word first is forgotten once a connection was of use', () => {
  const { recovery, told } = recoveryOf()
  recovery.spoke()
  recovery.well()
  recovery.spoke()
  expect(told).toEqual([])
})

test('a rest that is called off does not end', () => {
  const { recovery, told } = recoveryOf()
  recovery.rest()
  recovery.close()
  recovery.close()
  expect(told).toEqual(['pause 100', 'called off'])
  expect(recovery.isResting).toBe(false)
})
