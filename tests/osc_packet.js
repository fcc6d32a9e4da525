// OSC 1.0 for the stubs of hosts that are tested in Node: strings, whole numbers, fractions, and the double that
// Bitwig makes of a JavaScript number. Not for the scripts themselves: their hosts speak OSC.
"use strict";

function padded(text) {
  const bytes = Buffer.from(text, "utf8");
  return Buffer.concat([bytes, Buffer.alloc(4 - (bytes.length % 4))]);
}

function number(value, type) {
  const bytes = Buffer.alloc(type === "d" ? 8 : 4);
  if (type === "i") bytes.writeInt32BE(value);
  else if (type === "f") bytes.writeFloatBE(value);
  else bytes.writeDoubleBE(value);
  return bytes;
}

// fraction: the type tag that the host gives to a number that is not whole.
function encode(address, values, fraction) {
  let tags = ",";
  const body = values.map((value) => {
    const type = typeof value === "string" ? "s" : Number.isInteger(value) ? "i" : fraction;
    tags += type;
    return type === "s" ? padded(value) : number(value, type);
  });
  return Buffer.concat([padded(address), padded(tags), ...body]);
}

function decode(packet) {
  let at = 0;
  const text = () => {
    const end = packet.indexOf(0, at);
    const found = packet.toString("utf8", at, end);
    at += (Math.floor((end - at) / 4) + 1) * 4;
    return found;
  };
  const word = (reader) => {
    const found = packet[reader](at);
    at += 4;
    return found;
  };
  const address = text();
  const readers = { s: text, i: () => word("readInt32BE"), f: () => word("readFloatBE") };
  const values = [...text().slice(1)].map((tag) => {
    if (!(tag in readers)) throw new Error(`type tag ${tag} is not for scripts in hosts`);
    return readers[tag]();
  });
  return { address, values };
}

module.exports = { encode, decode };
