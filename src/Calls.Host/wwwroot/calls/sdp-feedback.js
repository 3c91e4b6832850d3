// Ways of feedback that browsers have for sound and do not mention in their answers.

/** Retransmission of what is lost (RFC 4585), and the round trip for who only listens (RFC 3611). */
const WAYS = ['nack', 'rrtr'];

/**
 * The answer with those ways agreed to that the offer has for Opus: libwebrtc does them where both sides say so, but says
 * so itself only when it is put into its description.
 * @param {string} answer
 * @param {string} offer
 * @returns {string}
 */
export function withFeedback(answer, offer) {
  return answer.replace(/^a=rtpmap:(\d+) opus\/48000.*\r\n/gim, (line, type) => {
    const wanted = WAYS.map((way) => `a=rtcp-fb:${type} ${way}\r\n`);
    return line + wanted.filter((way) => offer.includes(way) && !answer.includes(way)).join('');
  });
}
