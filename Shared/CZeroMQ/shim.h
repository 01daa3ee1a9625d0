#ifndef TWINLINE_CZEROMQ_SHIM_H
#define TWINLINE_CZEROMQ_SHIM_H

#include <sys/eventfd.h>
#include <zmq.h>

// Debian's header leaves it out, the library has it: without it a dead access handler lets
// everybody in.
#ifndef ZMQ_ZAP_ENFORCE_DOMAIN
#define ZMQ_ZAP_ENFORCE_DOMAIN 93
#endif

#endif
