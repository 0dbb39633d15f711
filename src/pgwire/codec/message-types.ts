/**
 * The numbers of the v3 protocol: type bytes of both directions, codes of startup packets, and how long each
 * frontend message may be. Facts of the protocol; never change a value.
 */

/** Type bytes of messages that clients send. */
export const FRONTEND = {
  bind: 0x42, // B
  close: 0x43, // C
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyFail: 0x66, // f
  describe: 0x44, // D
  execute: 0x45, // E
  flush: 0x48, // H
  functionCall: 0x46, // F
  parse: 0x50, // P
  password: 0x70, // p: PasswordMessage, SASLInitialResponse and SASLResponse
  query: 0x51, // Q
  sync: 0x53, // S
  terminate: 0x58, // X
} as const;

/** Type bytes of messages that the server sends. */
export const BACKEND = {
  authentication: 0x52, // R
  backendKeyData: 0x4b, // K
  bindComplete: 0x32, // 2
  closeComplete: 0x33, // 3
  commandComplete: 0x43, // C
  copyBothResponse: 0x57, // W
  copyData: 0x64, // d
  copyDone: 0x63, // c
  copyInResponse: 0x47, // G
  copyOutResponse: 0x48, // H
  dataRow: 0x44, // D
  emptyQueryResponse: 0x49, // I
  errorResponse: 0x45, // E
  functionCallResponse: 0x56, // V
  negotiateProtocolVersion: 0x76, // v
  noData: 0x6e, // n
  noticeResponse: 0x4e, // N
  notificationResponse: 0x41, // A
  parameterDescription: 0x74, // t
  parameterStatus: 0x53, // S
  parseComplete: 0x31, // 1
  portalSuspended: 0x73, // s
  readyForQuery: 0x5a, // Z
  rowDescription: 0x54, // T
} as const;

/** First word of a packet that has no type byte. */
export const STARTUP = {
  cancelRequest: 80877102,
  sslRequest: 80877103,
  gssEncRequest: 80877104,
  /** Protocol versions are major << 16 | minor. */
  protocol3: 196608,
} as const;

/** Startup packets, length word included. */
export const MAX_STARTUP_LENGTH = 10_000;
/** Body of messages that hold no more than a name. */
export const SMALL_MESSAGE_LIMIT = 10_000;
/** Body of all others, unless the server is configured lower: PostgreSQL's largest allocation. */
export const LARGE_MESSAGE_LIMIT = 0x3ffffffe;

/** By type byte: 0 no such message, 1 small, 2 large. */
const SIZE_CLASS = new Uint8Array(256);
for (const type of Object.values(FRONTEND)) SIZE_CLASS[type] = 1;
for (const type of [
  FRONTEND.query,
  FRONTEND.parse,
  FRONTEND.bind,
  FRONTEND.functionCall,
  FRONTEND.copyData,
  FRONTEND.password,
]) {
  SIZE_CLASS[type] = 2;
}

/** How long the body of a frontend message may be: bytes, or -1 when there is no such message. */
export function messageLimit(type: number, largeLimit: number): number {
  const size = SIZE_CLASS[type];
  if (size === 0) return -1;
  return size === 1 ? SMALL_MESSAGE_LIMIT : largeLimit;
}
