import { type ErrorCode, UpturnError } from '../../errors/index.ts'

/** A refusal at a variant of a BGEN file, `variant` counted from 0, with the byte where the trouble begins. */
export function variantError(
  code: ErrorCode,
  file: string,
  variant: number,
  byte: number,
  message: string,
  cause?: unknown,
): UpturnError {
  return new UpturnError(code, `variant ${variant + 1} (byte ${byte}): ${message}`, {
    place: { file },
    details: { variant: variant + 1, byte },
    cause,
  })
}
