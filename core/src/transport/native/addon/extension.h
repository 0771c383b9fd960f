// What an addon has besides the engine. There are two addons of one engine: `plain.cc` is linked into the one that
// needs nothing but Node-API and libuv, `tls/extension.cc` into the one that needs OpenSSL, too.
#pragma once

#include <node_api.h>

#include "instance.h"

namespace kong {

/** Adds its functions. It may leave an exception behind: then the addon does not load. */
void extend(napi_env env, napi_value exports, Instance& instance);

}  // namespace kong
