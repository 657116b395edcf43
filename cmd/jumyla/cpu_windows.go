package main

import (
	"time"

	"golang.org/x/sys/windows"
)

// processorTime is how long all threads of this process have computed.
func processorTime() time.Duration {
	var begin, end, kernel, user windows.Filetime
	if err := windows.GetProcessTimes(windows.CurrentProcess(), &begin, &end, &kernel, &user); err != nil {
		return 0
	}
	span := func(f windows.Filetime) time.Duration { // in tenths of microseconds
		return time.Duration(int64(f.HighDateTime)<<32|int64(f.LowDateTime)) * 100
	}
	return span(kernel) + span(user)
}
