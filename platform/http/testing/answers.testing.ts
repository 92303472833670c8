import { expect } from 'vitest'

/** Status and body of an answer; null where there is none. */
export async function answerOf(answer: Promise<Response>): Promise<[number, unknown]> {
  const response = await answer
  const text = await response.text()
  return [response.status, text === '' ? null : JSON.parse(text)]
}

/** Status and code of a problem, and its issues where it has some. */
export async function problem(answer: Promise<Response>): Promise<[number, string, unknown?]> {
  const response = await answer
  expect(response.headers.get('content-type')).toBe('application/problem+json')
  const { status, code, issues } = await response.json()
  expect(status).toBe(response.status)
  return issues ? [status, code, issues] : [status, code]
}

/** Status and code of a refusal by either face. */
export async function refusal(answer: Promise<Response>): Promise<[number, string]> {
  const response = await answer
  const body = await response.json()
  return [response.status, body.code ?? body.error.data.reason]
}

export const FORM = { 'content-type': 'application/x-www-form-urlencoded' }
