#include "trim.h"

#include <malloc.h>

namespace kong {

void trimMemory() {
#ifdef __GLIBC__
  (void)malloc_trim(0);
#endif
}

}  // namespace kong
