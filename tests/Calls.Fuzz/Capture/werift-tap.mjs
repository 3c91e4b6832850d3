// Loaded before a client on werift (node --import): writes what it sends as RTP and RTCP, before it is encrypted, to the
// file that CALLS_FUZZ_TAP names, a packet a line in hexadecimal.
import { appendFileSync, existsSync } from 'node:fs';
import { pathToFileURL } from 'node:url';

const file = process.env.CALLS_FUZZ_TAP;
const library = `${process.cwd()}/node_modules/werift/lib/index.mjs`;
const note = (packet) => appendFileSync(file, `${packet.toString('hex')}\n`);

if (file && existsSync(library)) {
  const { RTCDtlsTransport } = await import(pathToFileURL(library));
  const { sendRtcp, sendRtp } = RTCDtlsTransport.prototype;
  RTCDtlsTransport.prototype.sendRtp = function tapped(payload, header) {
    note(Buffer.concat([header.serialize(header.serializeSize), payload]));
    return sendRtp.call(this, payload, header);
  };
  RTCDtlsTransport.prototype.sendRtcp = function tapped(packets) {
    note(Buffer.concat(packets.map((packet) => packet.serialize())));
    return sendRtcp.call(this, packets);
  };
}
