import { expect, test } from 'vitest'
import { Pot } from './pot.ts'

function potOf() {
  const told: string[] = []
  const pot = new Pot({
    left: 7,
    grant: (bytes) => void told.push(`grant ${bytes}`),
    close: () => void told.push('close'),
  })
  const drawer = (name: string) => ({
    place: -1,
    isShadow: false,
    end: (reason: string) => void told.push(`${name}: ${reason}`),
  })
  return { pot, told, drawer }
}

test('an end is told to everybody who draws from it, and who comes after hears anew', () => {
  const { pot, told, drawer } = potOf()
  const [one, other] = [drawer('one'), drawer('other')]
  pot.join(one)
  pot.join(other)
  pot.leave(one)
  expect([pot.size, pot.left]).toEqual([1, 7])
  pot.end('enough')
  expect(told).toEqual(['other: enough', 'grant 0'])
})

test('closed once, it holds nobody back, so that nobody may rely on it any more', () => {
  const { pot, told, drawer } = potOf()
  pot.close()
  pot.close()
  expect(told).toEqual(['close'])
  expect(() => pot.join(drawer('late'))).toThrow('the bucket is closed')
})
