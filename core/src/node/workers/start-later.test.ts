import { expect, test } from 'vitest'
import { startLater } from './start-later.ts'

test.each([0, 1])(
  'after %i milliseconds it calls back once, unless it is called off',
  async (milliseconds) => {
    const called: string[] = []
    const off = startLater(milliseconds, () => void called.push('off'))
    off()
    await new Promise<void>((resolve) => {
      startLater(milliseconds, () => {
        called.push('on')
        resolve()
      })
      // It keeps no process alive, so that somebody else has to.
      setTimeout(() => undefined, 1000)
    })
    expect(called).toEqual(['on'])
  },
)
