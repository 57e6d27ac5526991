! SPDX-License-Identifier: Apache-2.0
!
! Says in the program what its memory is for, for sagemem to record:
!
!   use sagemem
!   call sagemem_scope_begin("forest", int(forestnr, c_int64_t))
!   call sagemem_note("nhalos", int(nhalos, c_int64_t))
!   call sagemem_scope_end()
!   call sagemem_snapshot("after the last forest")
!
! The same as sagemem.h, which says more.  Compile this file with the program;
! nothing has to be linked.  Trailing blanks of a name do not count.
module sagemem
  use, intrinsic :: iso_c_binding
  implicit none
  private
  public :: sagemem_scope_begin, sagemem_scope_end, sagemem_note, &
            sagemem_snapshot, c_int64_t

  abstract interface
    subroutine named_number(name, number) bind(c)
      import :: c_char, c_int64_t
      character(kind=c_char), intent(in) :: name(*)
      integer(c_int64_t), value :: number
    end subroutine
    subroutine named(name) bind(c)
      import :: c_char
      character(kind=c_char), intent(in) :: name(*)
    end subroutine
    subroutine nameless() bind(c)
    end subroutine
  end interface

  interface
    type(c_funptr) function dlsym(handle, name) bind(c, name="dlsym")
      import :: c_funptr, c_ptr, c_char
      type(c_ptr), value :: handle
      character(kind=c_char), intent(in) :: name(*)
    end function
  end interface

  ! Looked up once; two threads that do so at a time find the same.
  logical :: is_known = .false.
  procedure(named_number), pointer :: begin => null()
  procedure(nameless), pointer :: finish => null()
  procedure(named_number), pointer :: note => null()
  procedure(named), pointer :: snapshot => null()

contains

  type(c_funptr) function found(name)
    character(*), intent(in) :: name
    found = dlsym(c_null_ptr, name // c_null_char)
  end function

  subroutine look_up()
    type(c_funptr) :: address
    address = found("sagemem_scope_begin")
    if (c_associated(address)) call c_f_procpointer(address, begin)
    address = found("sagemem_scope_end")
    if (c_associated(address)) call c_f_procpointer(address, finish)
    address = found("sagemem_note")
    if (c_associated(address)) call c_f_procpointer(address, note)
    address = found("sagemem_snapshot")
    if (c_associated(address)) call c_f_procpointer(address, snapshot)
    is_known = .true.
  end subroutine

  ! From here on blocks of this thread belong to scope `number` of `name`.
  subroutine sagemem_scope_begin(name, number)
    character(*), intent(in) :: name
    integer(c_int64_t), intent(in) :: number
    if (.not. is_known) call look_up()
    if (associated(begin)) call begin(trim(name) // c_null_char, number)
  end subroutine

  ! Ends the innermost scope that this thread has begun so.
  subroutine sagemem_scope_end()
    if (.not. is_known) call look_up()
    if (associated(finish)) call finish()
  end subroutine

  ! Attaches a value to the innermost scope that this thread has open.
  subroutine sagemem_note(key, value)
    character(*), intent(in) :: key
    integer(c_int64_t), intent(in) :: value
    if (.not. is_known) call look_up()
    if (associated(note)) call note(trim(key) // c_null_char, value)
  end subroutine

  ! Marks this moment in the trace.
  subroutine sagemem_snapshot(label)
    character(*), intent(in) :: label
    if (.not. is_known) call look_up()
    if (associated(snapshot)) call snapshot(trim(label) // c_null_char)
  end subroutine
end module sagemem
