import { z } from 'zod'

export function whole(least: number, most: number) {
  return z
    .string()
    .regex(/^\d{1,9}$/)
    .transform(Number)
    .pipe(z.number().min(least).max(most))
}

/** Separated by commas; blanks around items and empty items are dropped. */
export function list(item: z.ZodType<string, string>) {
  return z
    .string()
    .transform((text) => text.split(',').map((part) => part.trim()))
    .transform((parts) => parts.filter((part) => part !== ''))
    .pipe(z.array(item))
}

export function webUrl() {
  return z.string().refine((text) => URL.canParse(text) && /^https?:$/.test(new URL(text).protocol))
}

export function isOrigin(text: string): boolean {
  return URL.canParse(text) && new URL(text).origin === text
}
