import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'
import { loadCel } from './load-cel.ts'

test('the library is loaded once', () => {
  expect(loadCel().Environment).toBeTypeOf('function')
  expect(loadCel()).toBe(loadCel())
})

test('only whoever has an expression loads it', () => {
  const at = (name: string): string => JSON.stringify(new URL(`${name}.ts`, import.meta.url).href)
  const script = `
    import { registerHooks } from 'node:module'
    let asked = 0
    registerHooks({
      resolve(name, context, next) {
        if (name.includes('cel-js')) asked++
        return next(name, context)
      },
    })
    await import(${at('../index')})
    const { formats } = await import(${at('../host')})
    const before = asked
    formats.expression.accepts('1')
    console.log(before, asked > 0)`
  const args = ['--input-type=module', '-e', script]
  expect(execFileSync(process.execPath, args, { encoding: 'utf8' }).trim()).toBe('0 true')
})
