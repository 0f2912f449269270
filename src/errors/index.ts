import { type ErrorCode, errorCatalogue } from './catalogue.ts'

/** Where in the user's input something is wrong. Lines and columns are 1-based. */
export interface ErrorPlace {
  file?: string
  line?: number
  column?: number
}

/**
 * The one error class of the project: `code` names an entry of the catalogue (and a page of docs/errors), `message` is
 * one sentence on what is wrong and what to do. The place is kept apart, and printed in front by whoever shows it.
 */
export class UpturnError extends Error {
  override readonly name = 'UpturnError'
  readonly code: ErrorCode
  readonly place: ErrorPlace
  readonly details: Readonly<Record<string, unknown>>

  constructor(
    code: ErrorCode,
    message: string,
    options: { place?: ErrorPlace; details?: Record<string, unknown>; cause?: unknown } = {},
  ) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause })
    this.code = code
    this.place = options.place ?? {}
    this.details = options.details ?? {}
  }
}

/** True for an Upturn error, of this code when one is given. */
export function isUpturnError(error: unknown, code?: ErrorCode): error is UpturnError {
  return error instanceof UpturnError && (code === undefined || error.code === code)
}

/** `file:line:column: message`, the form in which editors and people find the place. */
export function describeError(error: UpturnError): string {
  const { file, line, column } = error.place
  const place = [file, line, column].filter((part) => part !== undefined).join(':')
  return place === '' ? error.message : `${place}: ${error.message}`
}

/** A plain object that crosses a worker boundary; `reviveError` turns it back. */
export interface FlatError {
  code?: ErrorCode
  message: string
  place?: ErrorPlace
  details?: Record<string, unknown>
  stack?: string
}

export function flattenError(error: unknown): FlatError {
  if (isUpturnError(error))
    return { code: error.code, message: error.message, place: error.place, details: { ...error.details } }
  if (error instanceof Error) return { message: error.message, stack: error.stack }
  return { message: String(error) }
}

export function reviveError(flat: FlatError): Error {
  if (flat.code !== undefined && flat.code in errorCatalogue)
    return new UpturnError(flat.code, flat.message, { place: flat.place, details: flat.details })
  const error = new UpturnError('Internal', flat.message)
  if (flat.stack !== undefined) error.stack = flat.stack
  return error
}

export { type ErrorCode, errorCatalogue } from './catalogue.ts'
