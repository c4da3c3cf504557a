/** Floods one stream that many listen to, and checks that the listeners miss nothing. */
export interface OverloadJob {
  readonly kind: "overload";
  readonly port: number;
  readonly seconds: number;
  /** Messages to publish per second. */
  readonly rate: number;
  /** Clients that publish in turn. */
  readonly publishers: number;
  /** Half of them over WebSocket. */
  readonly listeners: number;
}

export interface OverloadResult {
  /** Requests sent. */
  readonly sent: number;
  /** Requests that were due but could not be sent: the server did not read. */
  readonly unsent: number;
  /** Messages answered with 201. */
  readonly acknowledged: number;
  /** Requests whose connection the server closed before it answered. */
  readonly unanswered: number;
  /** Answers to clients that wait for them, and send more than they may. */
  readonly awaited: number;
  readonly refused: Readonly<Record<string, number>>;
  readonly withoutRetryAfter: number;
  /** Messages received by all listeners together. */
  readonly delivered: number;
  /** Gaps that listeners were told of. */
  readonly gaps: number;
  /** Messages that were acknowledged or reached others, which a listener did not receive and was not told of. */
  readonly lost: number;
  /** Messages that a listener received twice. */
  readonly surplus: number;
  /** Connections of listeners that the server closed. */
  readonly closed: number;
  /** Of these: connections of listeners that had been closed before, when they stalled. */
  readonly closedAgain: number;
  /** Times that listeners disconnected by themselves and resumed. */
  readonly resumed: number;
}
