import type { Ask, Reply } from './ask.ts'
import { writeReply, type Say } from './dns-server.fixture.ts'
import { readReply } from './message.ts'

/** For the tests: a name server without a network; `asked` holds `TYPE NAME`. Where it says nothing, it is silent. */
export function askOf(say: Say): { readonly ask: Ask; readonly asked: string[] } {
  const asked: string[] = []
  const ask: Ask = async (question, signal) => {
    asked.push(`${question.type} ${question.name}`)
    const said = say(question, 'udp')
    if (!said) return silence(signal)
    const reading = readReply(writeReply(1, question, said), 1, question)
    if (reading.is === 'answered' || reading.is === 'failed') return reading
    throw new Error(`the server of the test said something ${reading.is}`)
  }
  return { ask, asked }
}

/** Until the question is given up. */
function silence(signal: AbortSignal): Promise<Reply> {
  return new Promise((resolve) => {
    const end = (): void => resolve({ is: 'silent' })
    if (signal.aborted) end()
    else signal.addEventListener('abort', end)
  })
}
