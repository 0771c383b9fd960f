import { expect, test } from 'vitest'
import { runSteps, runStepsApart } from './run-steps.ts'

function* count(steps: number, milliseconds = 0): Generator<undefined, number> {
  for (let step = 0; step < steps; step++) {
    const end = performance.now() + milliseconds
    while (performance.now() < end);
    yield
  }
  return steps
}

function* fail(): Generator<undefined, never> {
  yield
  throw new Error('step failed')
}

test('all steps are run, and what they come to is answered', async () => {
  expect(runSteps(count(10))).toBe(10)
  expect(await runStepsApart(count(10))).toBe(10)
})

test('others have their turn between the steps', async () => {
  let turns = 0
  const timer = setInterval(() => turns++, 1)
  await runStepsApart(count(20, 5))
  clearInterval(timer)
  expect(turns).toBeGreaterThan(2)
})

test('a step that throws ends it', async () => {
  expect(() => runSteps(fail())).toThrow('step failed')
  await expect(runStepsApart(fail())).rejects.toThrow('step failed')
})
