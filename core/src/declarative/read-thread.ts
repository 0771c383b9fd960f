import { parentPort, workerData } from 'node:worker_threads'
import { isFields } from '../entities/fields.ts'
import { DeclarativeError } from './declarative-error.ts'
import { readText } from './read-text.ts'

/** Reads one text in a thread of its own, and answers with the document or with what is wrong with it. */
function answer(): unknown {
  const { text, file } = isFields(workerData) ? workerData : {}
  try {
    return { document: readText(String(text), typeof file === 'string' ? file : undefined) }
  } catch (error) {
    if (error instanceof DeclarativeError) return { faults: error.details }
    throw error
  }
}

// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread has no origin
parentPort?.postMessage(answer())
